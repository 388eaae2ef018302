"""One BatchAppend call, which carries many appends at a time. The correlation id says which answer belongs to which."""

import asyncio
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import grpc
from esdbclient.protos.Grpc import streams_pb2, streams_pb2_grpc

from eventstore import failures, messages, wire
from eventstore.cluster import PATIENCE, Cluster
from eventstore.connection import Node, open_async_channel, shown
from eventstore.store import OutcomeUnknown, StoreError, StoreUnavailable

_State: Final = grpc.ChannelConnectivity

_Answer = asyncio.Future[streams_pb2.BatchAppendResp]


class AppendCall:
    def __init__(self, channel: grpc.aio.Channel, node: Node, in_flight: int, patience: float) -> None:
        """`patience`: it fails if appends wait and none is answered for so many seconds."""
        self.target = node.target
        self.leader: str | None = None
        """The leader that the node named when it refused."""
        self.is_answered = False
        self._patience = patience
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None
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
        loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        if not self._waiting:
            self._heard = loop.time()
        if self._watch is None:
            self._watch = loop.call_later(self._patience, self._listen)
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

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch = None
        ends = self._heard + self._patience
        if self._waiting and loop.time() >= ends:
            self._fail(OutcomeUnknown(messages.appends_not_answered(self._patience)))
        elif self._waiting:
            self._watch = loop.call_at(ends, self._listen)

    async def _receive(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (response := await self._call.read()) is not grpc.aio.EOF:
                self._heard, self._patience, self.is_answered = loop.time(), PATIENCE, True
                answer = self._waiting.get(wire.correlation_of(response))
                if answer and not answer.done():
                    answer.set_result(response)
        except grpc.RpcError as error:
            self._fail(self._meaning(error))
        self._fail(OutcomeUnknown(messages.APPENDS_ENDED))

    def _meaning(self, error: grpc.RpcError) -> StoreError:
        """A refusal of the call is about the only append on it; with several, the others may be recorded."""
        self.leader = failures.leader_of(error)
        is_certain = len(self._waiting) <= 1 and failures.is_plain_no(error)
        return failures.error_of(error, messages.APPENDS, StoreUnavailable if is_certain else OutcomeUnknown)

    def _fail(self, failure: StoreError) -> None:
        self._failure = self._failure or failure
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(self._failure)

    async def close(self) -> None:
        self._fail(OutcomeUnknown(messages.CONNECTION_DROPPED))
        if self._watch:
            self._watch.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._call.cancel()
        await self._channel.close()


async def open_call(cluster: Cluster, in_flight: int, patience: float) -> AppendCall:
    """Raises StoreUnavailable at once if no server listens. So it is certain that nothing was sent."""
    node = await asyncio.to_thread(cluster.find, patience)
    channel = open_async_channel(node)
    try:
        async with asyncio.timeout(patience):
            if not await _connected(channel):
                raise await _reason(channel, node)
    except BaseException as error:
        cluster.leave(node.target)
        await channel.close()
        if isinstance(error, TimeoutError):
            raise StoreUnavailable(messages.node_silent(shown(node.target))) from None
        raise
    return AppendCall(channel, node, in_flight, patience)


async def _reason(channel: grpc.aio.Channel, node: Node) -> StoreError:
    """Why there is no connection. A call says so, at once."""
    try:
        await _batch_append(channel, node).read()
    except grpc.RpcError as error:
        meaning = failures.error_of(error, messages.APPENDS)
        if not isinstance(meaning, StoreUnavailable):
            return meaning
    return StoreUnavailable(messages.not_connected(shown(node.target)))


def _batch_append(channel: grpc.aio.Channel, node: Node) -> Any:
    stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
    return stub.BatchAppend(**node.calls)


async def _connected(channel: grpc.aio.Channel) -> bool:
    state = channel.get_state(try_to_connect=True)
    while state not in (_State.READY, _State.TRANSIENT_FAILURE, _State.SHUTDOWN):
        await channel.wait_for_state_change(state)
        state = channel.get_state()
    return bool(state is _State.READY)
