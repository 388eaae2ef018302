"""Blocking reads and subscriptions, through the generated stub, on channels that need no second thread."""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, Final

import grpc
from esdbclient.protos.Grpc import streams_pb2, streams_pb2_grpc

from eventstore import messages, wire
from eventstore.connection import find, open_channel
from eventstore.store import (
    NOWHERE,
    CaughtUp,
    Checkpoint,
    Message,
    NoSuchPosition,
    Recorded,
    StoreUnavailable,
)

_PAGE: Final = 10_000


class Reader:
    """One channel, opened again after a failure. Each read takes at most `deadline` seconds for each page."""

    def __init__(self, uri: str, *, deadline: float) -> None:
        self._uri = uri
        self._deadline = deadline
        self._lock = Lock()
        self._closed = False
        self._opened: tuple[grpc.Channel, Any, dict[str, Any]] | None = None

    def stream(self, stream: str, start: int | None, limit: int | None, *, backwards: bool) -> list[Recorded]:
        records: list[Recorded] = []
        while limit is None or len(records) < limit:
            count = _PAGE if limit is None else min(_PAGE, limit - len(records))
            request = wire.stream_request(stream, start=start, limit=count, backwards=backwards)
            page = self._read(request, messages.read_of(stream))
            records += page
            start = page[-1].revision + (-1 if backwards else 1) if page else -1
            if len(page) < count or start < 0:
                break
        return records

    def newest(self, prefixes: Sequence[str], before: int | None, limit: int) -> list[Recorded]:
        request = wire.all_request(prefixes, start=before, limit=limit, backwards=True)
        return self._read(request, messages.READ_OF_THE_NEWEST)

    def head(self, prefixes: Sequence[str]) -> int:
        newest = self.newest(prefixes, None, 1)
        return newest[0].position if newest else 0

    def end(self) -> int:
        newest = self._read(wire.last_request(), messages.READ_OF_THE_LAST)
        return newest[0].position if newest else 0

    def at(self, position: int) -> str | None:
        try:
            found = self._read(wire.at_request(position), "a read of one event")
        except NoSuchPosition:
            return None
        return found[0].event_id if found and found[0].position == position else None

    def first(self, prefixes: Sequence[str], start: int | None) -> Recorded | None:
        found = self._read(wire.all_request(prefixes, start=start, limit=1), "a read of the first event")
        return found[0] if found else None

    def _read(self, request: streams_pb2.ReadReq, doing: str) -> list[Recorded]:
        """Tries a second time on a new channel if the first does not answer."""
        try:
            return self._attempt(request, doing)
        except StoreUnavailable:
            return self._attempt(request, doing)

    def _attempt(self, request: streams_pb2.ReadReq, doing: str) -> list[Recorded]:
        channel, stub, call = self._open()
        try:
            responses = stub.Read(request, timeout=self._deadline / 2, **call)
            return [wire.recorded(response.event) for response in responses if response.HasField("event")]
        except grpc.RpcError as error:
            self._drop(channel)
            raise wire.error_of(error, doing) from None
        except ValueError as error:  # so grpcio says that another thread closed the channel
            raise StoreUnavailable(messages.not_answered(doing, str(error))) from None

    def _open(self) -> tuple[grpc.Channel, Any, dict[str, Any]]:
        with self._lock:
            if self._closed:
                raise StoreUnavailable(messages.CONNECTION_CLOSED)
            if self._opened is None:
                node = find(self._uri)
                channel = open_channel(node)
                stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
                self._opened = (channel, stub, node.calls)
            return self._opened

    def _drop(self, channel: grpc.Channel) -> None:
        with self._lock:
            if self._opened and self._opened[0] is channel:
                self._opened = None
        channel.close()

    def close(self) -> None:
        """A read that is running ends with StoreUnavailable and is not tried a second time."""
        self._closed = True
        if opened := self._opened:
            self._drop(opened[0])


class EsdbSubscription:
    """The port `Subscription`, on a connection of its own. With `live` it does not end by itself."""

    def __init__(self, uri: str, request: streams_pb2.ReadReq, *, after: int | None, live: bool) -> None:
        """Raises StoreUnavailable if no node is found. If the node does not answer, the iterator raises it."""
        node = find(uri)
        self._channel = open_channel(node)
        stub = streams_pb2_grpc.StreamsStub(self._channel)  # type: ignore[no-untyped-call]
        self._call = stub.Read(request, **node.calls)
        self._after = -1 if after is None else after
        self._live = live
        self._stopped = False

    def __iter__(self) -> Iterator[Message]:
        try:
            yield from self._messages()
        except grpc.RpcError as error:
            if not self._stopped:
                raise wire.error_of(error, messages.SUBSCRIPTION) from None
        finally:
            self._channel.close()
        if self._live and not self._stopped:
            raise StoreUnavailable(messages.SUBSCRIPTION_ENDED)

    def _messages(self) -> Iterator[Message]:
        after = self._after
        recorded = wire.recorded
        for response in self._call:
            match response.WhichOneof("content"):
                case "event":
                    if response.event.commit_position > after:
                        yield recorded(response.event)
                case "checkpoint" if response.checkpoint.commit_position < NOWHERE:
                    yield Checkpoint(response.checkpoint.commit_position)
                case "caught_up":
                    yield CaughtUp()

    def stop(self) -> None:
        self._stopped = True
        self._call.cancel()
