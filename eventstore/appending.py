"""Appends, many at a time on one BatchAppend call. The correlation id says which answer belongs to which append.

AppendCall   one channel and one call; after a failure it cannot be used again
Appender     opens it, opens another after a failure or a timeout, and tries each append twice
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID, uuid4

import grpc
from esdbclient.protos.Grpc import streams_pb2, streams_pb2_grpc

from eventstore import messages, wire
from eventstore.connection import Node, find_async, open_async_channel
from eventstore.store import Appended, NewEvent, OutcomeUnknown, StoreError, StoreUnavailable

_PAUSE: Final = 0.1
_REQUIRES_LEADER: Final = (("requires-leader", "true"),)
_State: Final = grpc.ChannelConnectivity

_Answer = asyncio.Future[streams_pb2.BatchAppendResp]


class AppendCall:
    def __init__(self, channel: grpc.aio.Channel, node: Node, in_flight: int) -> None:
        self._channel = channel
        self._call = _batch_append(channel, node)
        self._unsent: asyncio.Queue[streams_pb2.BatchAppendReq] = asyncio.Queue(in_flight)
        self._waiting: dict[UUID, _Answer] = {}
        self._failure: StoreError | None = None
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._receive())]

    @property
    def failed(self) -> bool:
        return self._failure is not None

    async def append(
        self, correlation: UUID, request: streams_pb2.BatchAppendReq
    ) -> streams_pb2.BatchAppendResp:
        """Raises OutcomeUnknown or StoreRefused if the call ends before the answer."""
        if self._failure:
            raise self._failure
        answer: _Answer = asyncio.get_running_loop().create_future()
        self._waiting[correlation] = answer
        try:
            await self._unsent.put(request)
            return await answer
        finally:
            del self._waiting[correlation]

    async def _send(self) -> None:
        with suppress(grpc.RpcError, asyncio.InvalidStateError):  # `_receive` says why
            while True:
                await self._call.write(await self._unsent.get())

    async def _receive(self) -> None:
        try:
            while (response := await self._call.read()) is not grpc.aio.EOF:
                answer = self._waiting.get(wire.correlation_of(response))
                if answer and not answer.done():
                    answer.set_result(response)
        except grpc.RpcError as error:
            self._fail(wire.error_of(error, messages.APPENDS, OutcomeUnknown))
        self._fail(OutcomeUnknown(messages.APPENDS_ENDED))

    def _fail(self, failure: StoreError) -> None:
        self._failure = self._failure or failure
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(self._failure)

    async def close(self) -> None:
        self._fail(OutcomeUnknown(messages.CONNECTION_DROPPED))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._call.cancel()
        await self._channel.close()


class Appender:
    """Bounded: at most `in_flight` appends at a time, each for at most `deadline` seconds, both tries together."""

    def __init__(self, uri: str, *, deadline: float, in_flight: int) -> None:
        self._uri = uri
        self._deadline = deadline
        self._in_flight = in_flight
        self._slots = asyncio.Semaphore(in_flight)
        self._opening = asyncio.Lock()
        self._call: AppendCall | None = None
        self._dropped: set[asyncio.Task[None]] = set()
        self._closed = False

    async def append(self, stream: str, events: Sequence[NewEvent], expected: int) -> Appended:
        """Raises WrongRevision, StoreRefused, StoreUnavailable, OutcomeUnknown."""
        try:
            return await self._try(stream, events, expected)
        except StoreUnavailable as error:
            first = error
        await asyncio.sleep(_PAUSE)
        try:
            return await self._try(stream, events, expected)
        except StoreUnavailable as error:
            raise (first if isinstance(first, OutcomeUnknown) else error) from error

    async def _try(self, stream: str, events: Sequence[NewEvent], expected: int) -> Appended:
        seconds = (self._deadline - _PAUSE) / 2
        correlation = uuid4()
        request = wire.append_request(correlation, stream, events, expected=expected, seconds=seconds)
        call = None
        try:
            async with asyncio.timeout(seconds), self._slots:
                call = await self._open()
                response = await call.append(correlation, request)
        except TimeoutError:
            if call is None:
                raise StoreUnavailable(messages.not_reached(seconds)) from None
            self._drop(call)
            raise OutcomeUnknown(messages.append_not_answered(stream, seconds)) from None
        return wire.appended(response, stream, expected)

    async def _open(self) -> AppendCall:
        """Raises StoreUnavailable."""
        async with self._opening:
            if self._closed:
                raise StoreUnavailable(messages.CONNECTION_CLOSED)
            if self._call and self._call.failed:
                self._drop(self._call)
            if self._call is None:
                self._call = await _new_call(self._uri, self._in_flight)
            return self._call

    def _drop(self, call: AppendCall) -> None:
        if self._call is call:
            self._call = None
            dropped = asyncio.create_task(call.close())
            self._dropped.add(dropped)
            dropped.add_done_callback(self._dropped.discard)

    async def close(self) -> None:
        self._closed = True
        if self._call:
            self._drop(self._call)
        await asyncio.gather(*self._dropped)


async def _new_call(uri: str, in_flight: int) -> AppendCall:
    """Raises StoreUnavailable at once if no server listens. So it is certain that nothing was sent."""
    node = await find_async(uri)
    channel = open_async_channel(node)
    try:
        if not await _connected(channel):
            raise StoreUnavailable(messages.not_connected(node.target))
    except BaseException:
        await channel.close()
        raise
    return AppendCall(channel, node, in_flight)


def _batch_append(channel: grpc.aio.Channel, node: Node) -> Any:
    stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
    name, _ = node.calls["metadata"]
    return stub.BatchAppend(metadata=(name, *_REQUIRES_LEADER), credentials=node.calls["credentials"])


async def _connected(channel: grpc.aio.Channel) -> bool:
    state = channel.get_state(try_to_connect=True)
    while state not in (_State.READY, _State.TRANSIENT_FAILURE, _State.SHUTDOWN):
        await channel.wait_for_state_change(state)
        state = channel.get_state()
    return bool(state is _State.READY)
