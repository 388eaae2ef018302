"""Blocking reads and subscriptions, through the generated stub, on channels that need no second thread."""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, Final

import grpc
from esdbclient.protos.Grpc import streams_pb2, streams_pb2_grpc

from eventstore import wire
from eventstore.connection import find, open_channel
from eventstore.store import CaughtUp, Checkpoint, Message, Recorded, StoreUnavailable, StreamStopped

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
            page = self._read(request, f"a read of {stream}")
            records += page
            start = page[-1].revision + (-1 if backwards else 1) if page else -1
            if len(page) < count or start < 0:
                break
        return records

    def newest(self, prefixes: Sequence[str], before: int | None, limit: int) -> list[Recorded]:
        request = wire.all_request(prefixes, start=before, limit=limit, backwards=True)
        return self._read(request, "a read of the newest events")

    def head(self, prefixes: Sequence[str]) -> int:
        newest = self.newest(prefixes, None, 1)
        return newest[0].position if newest else 0

    def end(self) -> int:
        newest = self._read(wire.last_request(), "a read of the last event")
        return newest[0].position if newest else 0

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
            failure = wire.error_of(error, doing)
            if not isinstance(failure, StreamStopped):  # an answer: other reads go on on the channel
                self._drop(channel)
            raise failure from None
        except ValueError as error:  # so grpcio says that another thread closed the channel
            raise StoreUnavailable(f"The log does not answer {doing}: {error}.") from None

    def _open(self) -> tuple[grpc.Channel, Any, dict[str, Any]]:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The connection to the log was closed.")
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
                raise wire.error_of(error, "a subscription") from None
        finally:
            self._channel.close()
        if self._live and not self._stopped:
            raise StoreUnavailable("The log ended a subscription.")

    def _messages(self) -> Iterator[Message]:
        after = self._after
        recorded = wire.recorded
        for response in self._call:
            match response.WhichOneof("content"):
                case "event":
                    if response.event.commit_position > after:
                        yield recorded(response.event)
                case "checkpoint":
                    yield Checkpoint(response.checkpoint.commit_position)
                case "caught_up":
                    yield CaughtUp()

    def stop(self) -> None:
        self._stopped = True
        self._call.cancel()
