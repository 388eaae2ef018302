"""Blocking reads and subscriptions, through the generated stub, on channels that need no second thread."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final, NamedTuple

import grpc
from esdbclient.protos.Grpc import streams_pb2, streams_pb2_grpc

from eventstore import bulk, failures, messages, wire
from eventstore.cluster import PATIENCE, PAUSE, Attempts, Cluster, Nobody
from eventstore.connection import Node, open_channel
from eventstore.failures import ALL
from eventstore.store import (
    NO_POSITION,
    AccessRefused,
    CaughtUp,
    Checkpoint,
    Message,
    NoSuchPosition,
    Recorded,
    StoreUnavailable,
    StreamStopped,
)

_PAGE: Final = 1_000
"""A healthy server answers a page within a tenth of the time that a node has for the first try."""
_SHORT_TRIES: Final = 2
"""How many tries are short, in case that the node is frozen. The next one has all the time that is left."""


class Reader:
    """One channel, opened again after a failure. Each page takes at most `deadline` seconds, all tries together."""

    def __init__(self, cluster: Cluster, *, deadline: float) -> None:
        self._cluster = cluster
        self._deadline = deadline
        self._patience = PATIENCE
        """Longer after a read that took long: where few events match, a healthy node may search for seconds."""
        self._opening = Lock()
        self._lock = Lock()
        self._closed = False
        self._connection: _Connection | None = None

    def stream(self, stream: str, start: int | None, limit: int | None, *, backwards: bool) -> list[Recorded]:
        records: list[Recorded] = []
        tries_shortcut = limit is None and not backwards
        while limit is None or len(records) < limit:
            count = _PAGE if limit is None else min(_PAGE, limit - len(records))
            request = wire.stream_request(stream, start=start, limit=count, backwards=backwards)
            page = self._read(request, messages.read_of(stream))
            records += page
            start = page[-1].revision + (-1 if backwards else 1) if page else -1
            if len(page) < count or start < 0:
                break
            if tries_shortcut:
                records += self._much(stream, start)
                start, tries_shortcut = records[-1].revision + 1, False
        return records

    def _much(self, stream: str, start: int) -> list[Recorded]:
        """As many events from revision `start` on as the shortcut gives, which can be all or none."""
        connection, records = self._connection, list[Recorded]()
        if connection is None or not bulk.can_read(connection.node):
            return records
        request = wire.stream_request(stream, start=start, limit=wire.EVERYTHING, backwards=False)
        with suppress(OSError):
            for page in bulk.pages(connection.node, request, PATIENCE):
                records += page
                if self._closed:
                    break
        return records

    def newest(self, prefixes: Sequence[str], before: int | None, limit: int) -> list[Recorded]:
        request = wire.all_request(prefixes, start=before, limit=limit, backwards=True)
        return self._read(request, messages.read_of(ALL))

    def head(self, prefixes: Sequence[str]) -> int:
        newest = self.newest(prefixes, None, 1)
        return newest[0].position if newest else 0

    def end(self) -> int:
        newest = self._read(wire.last_request(), messages.read_of(ALL))
        return newest[0].position if newest else 0

    def at(self, position: int) -> str | None:
        try:
            found = self._read(wire.at_request(position), messages.read_of(ALL))
        except NoSuchPosition:
            return None
        return found[0].event_id if found and found[0].position == position else None

    def first(self, prefixes: Sequence[str], start: int | None) -> Recorded | None:
        found = self._read(wire.all_request(prefixes, start=start, limit=1), messages.read_of(ALL))
        return found[0] if found else None

    def _read(self, request: streams_pb2.ReadReq, doing: str) -> list[Recorded]:
        attempts, tries = Attempts(self._deadline), 0
        while True:
            try:
                connection = self._connected(attempts.left)
                seconds = self._patience * 2**tries if tries < _SHORT_TRIES else attempts.left
                tries += 1
                return self._attempt(connection, request, min(seconds, attempts.left), doing)
            except (AccessRefused, StoreUnavailable) as error:
                if self._closed:
                    raise
                attempts.failed(error)
            time.sleep(PAUSE)

    def _attempt(
        self, connection: "_Connection", request: streams_pb2.ReadReq, seconds: float, doing: str
    ) -> list[Recorded]:
        began = time.monotonic()
        try:
            responses = connection.stub.Read(request, timeout=seconds, **connection.node.calls)
            page = [wire.recorded(response.event) for response in responses if response.HasField("event")]
            self._patience = max(PATIENCE, 2 * (time.monotonic() - began))
            return page
        except grpc.RpcError as error:
            meaning = failures.error_of(error, doing)
            if not isinstance(meaning, StreamStopped):  # an answer: other reads go on on the channel
                self._drop(connection)
            if isinstance(meaning, StoreUnavailable):
                self._cluster.leave(connection.node.target, failures.leader_of(error))
            raise meaning from None
        except ValueError:  # so grpcio says that another thread closed the channel
            raise StoreUnavailable(messages.not_answered(doing)) from None

    def _connected(self, seconds: float) -> "_Connection":
        """To the node that the other connections use too: it may have changed since the last read."""
        connection = self._connection
        if connection and self._cluster.target in (None, connection.node.target):
            return connection
        if not self._opening.acquire(timeout=seconds):
            raise StoreUnavailable(messages.not_reached(round(seconds, 1)))
        try:
            return self._connection if self._connection not in (None, connection) else self._connect(seconds)
        finally:
            self._opening.release()

    def _connect(self, seconds: float) -> "_Connection":
        if self._connection:
            self._drop(self._connection)
        node = self._cluster.find(seconds)
        channel = open_channel(node)
        connection = _Connection(channel, streams_pb2_grpc.StreamsStub(channel), node)  # type: ignore[no-untyped-call]
        with self._lock:
            if self._closed:
                channel.close()
                raise Nobody(messages.CONNECTION_CLOSED)
            self._connection = connection
        return connection

    def _drop(self, connection: "_Connection") -> None:
        with self._lock:
            if self._connection is connection:
                self._connection = None
        connection.channel.close()

    def close(self) -> None:
        """A read that is running ends with StoreUnavailable and is not tried again."""
        with self._lock:
            self._closed = True
            connection, self._connection = self._connection, None
        if connection:
            connection.channel.close()


class _Connection(NamedTuple):
    channel: grpc.Channel
    stub: Any
    node: Node


class EsdbSubscription:
    """The port `Subscription`, on a connection of its own. With `live` it does not end by itself."""

    def __init__(
        self,
        cluster: Cluster,
        node: Node,
        request: streams_pb2.ReadReq,
        prefixes: Sequence[str],
        *,
        after: int | None,
        live: bool,
    ) -> None:
        """If the node does not answer, the iterator raises StoreUnavailable."""
        self.target = node.target
        self._cluster = cluster
        self._channel = open_channel(node)
        stub = streams_pb2_grpc.StreamsStub(self._channel)  # type: ignore[no-untyped-call]
        self._call = stub.Read(request, **node.calls)
        self._prefixes = tuple(prefixes)
        self._after = -1 if after is None else after
        self._live = live
        self._stopped = False
        self._is_left = False

    def __iter__(self) -> Iterator[Message]:
        try:
            yield from self._messages()
        except grpc.RpcError as error:
            if self._is_left:
                raise StoreUnavailable(messages.another_node(self.target)) from None
            if not self._stopped:
                self._cluster.leave(self.target, failures.leader_of(error))
                raise failures.error_of(error, messages.SUBSCRIPTION) from None
        finally:
            self._channel.close()
        if self._live and not self._stopped:
            raise StoreUnavailable(messages.SUBSCRIPTION_ENDED)

    def _messages(self) -> Iterator[Message]:
        after, prefixes = self._after, self._prefixes
        recorded = wire.recorded
        for response in self._call:
            match response.WhichOneof("content"):
                case "event":
                    event = recorded(response.event)
                    if event.position > after and event.stream.startswith(prefixes):
                        yield event
                case "checkpoint" if response.checkpoint.commit_position < NO_POSITION:
                    yield Checkpoint(response.checkpoint.commit_position)
                case "caught_up":
                    yield CaughtUp()

    def stop(self) -> None:
        self._stopped = True
        self._call.cancel()

    def leave(self) -> None:
        """Another node took over: the iterator raises StoreUnavailable."""
        self._is_left = not self._stopped
        self._call.cancel()
