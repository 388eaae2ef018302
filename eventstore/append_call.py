"""One BatchAppend call, which carries many appends at a time. The correlation id says which answer belongs to which."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

from esdbclient.protos.Grpc import streams_pb2
from google.protobuf.message import DecodeError

from eventstore import failures, messages, wire
from eventstore.cluster import PATIENCE, Cluster
from eventstore.connection import Node, shown
from eventstore.http2.call import Call
from eventstore.http2.dialling import dial
from eventstore.http2.fields import Ended, unreached
from eventstore.store import OutcomeUnknown, StoreError, StoreUnavailable, in_full

_PATH: Final = "/event_store.client.streams.Streams/BatchAppend"

_Answer = asyncio.Future[streams_pb2.BatchAppendResp]


class AppendCall:
    def __init__(self, target: str, patience: float) -> None:
        """`patience`: it fails if appends wait and none is answered for so many seconds."""
        self.target = target
        self.leader: str | None = None
        """The leader that the node named when it refused."""
        self.is_answered = False
        self.finished = asyncio.Event()
        """Set once it has failed, or has been left by a server that answered everything."""
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._silent_since = 0.0
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf
        """When the timer is due. The timer of uvloop does not say so if that is at once."""
        self._call: Call
        self._carried = 0
        """How many appends it was given so far."""
        self._waiting: dict[int, tuple[_Answer, float]] = {}
        """Answers with the time until which they are waited for."""
        self._failure: Callable[[], StoreError] | None = None
        """Makes an exception for each append that fails."""
        self._is_going_away = False

    async def open(self, node: Node, seconds: float) -> None:
        """Raises OSError: nothing was sent."""
        self._call = await dial(node, _PATH, self, seconds)

    @property
    def is_usable(self) -> bool:
        return self._failure is None and not self._is_going_away

    async def append(self, correlation: int, request: bytes, until: float) -> streams_pb2.BatchAppendResp:
        """Raises OutcomeUnknown or StoreRefused if the call ends before the answer, TimeoutError `until` then.

        StoreUnavailable: nothing was sent, because the call had ended before.
        """
        if self._failure:
            raise _because(self._failure(), StoreUnavailable(messages.CONNECTION_CLOSED))
        if not self._waiting:
            self._silent_since = self._loop.time()
        answer: _Answer = self._loop.create_future()
        self._waiting[correlation] = answer, until
        self._carried += 1
        try:
            self._set_timer(min(self._silent_since + self._patience, until))
            self._call.send(correlation, request)
            return await answer
        finally:
            del self._waiting[correlation]
            self._call.take_back(correlation)
            self._finish_if_idle()

    def _set_timer(self, at: float) -> None:
        if at < self._timer_at:
            if self._timer:
                self._timer.cancel()
            self._timer, self._timer_at = self._loop.call_at(at, self._on_timer), at

    def _on_timer(self) -> None:
        """One timer for all appends: for their own deadlines, and for the patience with the server."""
        self._timer, self._timer_at, now = None, math.inf, self._loop.time()
        waiting = [each for each in self._waiting.values() if not each[0].done()]
        if waiting and now >= self._silent_since + self._patience:
            self._fail(lambda: OutcomeUnknown(messages.appends_not_answered(self._patience)))
        elif waiting:
            for answer, until in waiting:
                if now >= until:
                    answer.set_exception(TimeoutError())
            self._set_timer(
                min([self._silent_since + self._patience, *(until for _, until in waiting if until > now)])
            )

    def received(self, contents: list[bytes]) -> None:
        self._silent_since, self._patience, self.is_answered = self._loop.time(), PATIENCE, True
        try:
            for response in map(streams_pb2.BatchAppendResp.FromString, contents):
                found = self._waiting.get(wire.correlation_of(response))
                if found and not found[0].done():
                    found[0].set_result(response)
        except (DecodeError, ValueError) as error:
            raise ConnectionAbortedError from error

    def going_away(self) -> None:
        self._is_going_away = True
        self._finish_if_idle()

    def _finish_if_idle(self) -> None:
        if self._is_going_away and not self._waiting:
            self._fail(lambda: OutcomeUnknown(messages.APPENDS_ENDED))

    def ended(self, error: Ended) -> None:
        self.leader = failures.leader_of(error)
        self._fail(lambda: self._meaning(error))

    def _meaning(self, error: Ended) -> StoreError:
        """A refusal is about the only append that the call carried. If it carried several, any may be recorded."""
        if error.is_ok:
            return OutcomeUnknown(messages.APPENDS_ENDED)
        if not self.is_answered and (error.is_untouched or failures.is_denied(error)):
            return failures.error_of(error, messages.APPENDS)
        is_only = self._carried == 1 and not self.is_answered
        is_certain = is_only and failures.is_plain_no(error)
        meaning = failures.error_of(
            error, messages.APPENDS, StoreUnavailable if is_certain else OutcomeUnknown
        )
        if is_only or isinstance(meaning, OutcomeUnknown):
            return meaning
        return _because(meaning, OutcomeUnknown(messages.APPENDS_ENDED))

    def _fail(self, failure: Callable[[], StoreError]) -> None:
        self._failure = self._failure or failure
        self.finished.set()
        for answer, _ in self._waiting.values():
            if not answer.done():
                answer.set_exception(self._failure())

    def drop(self) -> None:
        self._fail(lambda: OutcomeUnknown(messages.CONNECTION_DROPPED))
        if self._timer:
            self._timer.cancel()
        self._call.abort()

    async def wait_closed(self) -> None:
        """Wait until a dropped call has closed its connection."""
        await asyncio.shield(self._call.closed)


def _because(reason: StoreError, error: StoreError) -> StoreError:
    error.inner = in_full(reason)
    return error


async def open_call(cluster: Cluster, patience: float) -> AppendCall:
    """Raises StoreUnavailable at once if no server listens. So it is certain that nothing was sent."""
    node = await asyncio.to_thread(cluster.find, patience)
    call = AppendCall(node.target, patience)
    try:
        await call.open(node, patience)
    except BaseException as error:
        cluster.leave(node.target)
        if isinstance(error, TimeoutError):
            raise StoreUnavailable(messages.node_silent(shown(node.target))) from None
        if isinstance(error, OSError):
            raise _reason(error, node) from None
        raise
    return call


def _reason(error: OSError, node: Node) -> StoreError:
    """Why there is no connection."""
    meaning = failures.error_of(unreached(error), messages.APPENDS)
    if not isinstance(meaning, StoreUnavailable):
        return meaning
    unconnected = StoreUnavailable(messages.not_connected(shown(node.target)))
    unconnected.inner = meaning.inner
    return unconnected
