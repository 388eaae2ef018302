"""Appends, many at a time on one call, to the node that is the leader now. After a failure they are tried again."""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from itertools import count
from typing import Final

from eventstore import messages, wire
from eventstore.append_call import AppendCall, open_call
from eventstore.cluster import PATIENCE, PAUSE, Attempts, Cluster, Nobody
from eventstore.store import AccessRefused, Appended, NewEvent, OutcomeUnknown, StoreUnavailable

_MOST_DOUBLED: Final = 2
"""How often the patience with a call is doubled while none gets an answer."""


class Appender:
    """Bounded: at most `in_flight` appends at a time, each for at most `deadline` seconds, all tries together."""

    def __init__(self, cluster: Cluster, *, deadline: float, in_flight: int) -> None:
        self._cluster = cluster
        self._deadline = deadline
        self._slots = asyncio.Semaphore(in_flight)
        self._correlations = count(1)
        self._call: AppendCall | None = None
        self._opening: asyncio.Task[AppendCall] | None = None
        self._unanswered = 0
        """How many calls in a row could not be opened, or ended without any answer."""
        self._closed = False

    async def append(self, stream: str, events: Sequence[NewEvent], expected: int) -> Appended:
        """Raises WrongRevision, StoreRefused, StoreUnavailable, OutcomeUnknown."""
        attempts = Attempts(self._deadline)
        while True:
            try:
                return await self._try(stream, events, expected, attempts.left)
            except (AccessRefused, StoreUnavailable) as error:
                attempts.failed(error)
            await asyncio.sleep(PAUSE)

    async def _try(self, stream: str, events: Sequence[NewEvent], expected: int, seconds: float) -> Appended:
        until = asyncio.get_running_loop().time() + seconds
        correlation = next(self._correlations)
        request = wire.append_request(correlation, stream, events, expected=expected, seconds=seconds)
        call = None
        try:
            call = await self._turn(until)
            try:
                response = await call.append(correlation, request, until)
            finally:
                self._slots.release()
            return wire.appended(response, stream, expected)
        except TimeoutError:
            if call is None:
                raise StoreUnavailable(messages.not_reached(round(seconds, 1))) from None
            raise OutcomeUnknown(messages.append_not_answered(stream, round(seconds, 1))) from None
        except StoreUnavailable:
            if call:
                self._drop(call)
            raise

    async def _turn(self, until: float) -> AppendCall:
        """Takes a slot. Raises TimeoutError.

        Most often there is nothing to wait for, so there is nothing to limit in time.
        """
        if self._call and self._call.is_usable and not self._slots.locked():
            await self._slots.acquire()
            return self._call
        async with asyncio.timeout_at(until):
            await self._slots.acquire()
            try:
                return await self._opened()
            except BaseException:
                self._slots.release()
                raise

    async def _opened(self) -> AppendCall:
        """The call that all appends share; they also share the opening of a new one, and its failure."""
        if self._closed:
            raise Nobody(messages.CONNECTION_CLOSED)
        if self._call and self._call.is_usable:
            return self._call
        if self._opening is None:
            self._opening = asyncio.create_task(self._open(), context=Context())
            self._opening.add_done_callback(_seen)
        return await asyncio.shield(self._opening)

    async def _open(self) -> AppendCall:
        try:
            if call := self._call:
                await call.finished.wait()
                self._drop(call)
            patience = PATIENCE * 2 ** min(self._unanswered, _MOST_DOUBLED)
            self._call = await open_call(self._cluster, patience)
            return self._call
        except StoreUnavailable:
            self._unanswered += 1
            raise
        finally:
            self._opening = None

    def _drop(self, call: AppendCall) -> None:
        if self._call is call:
            self._call = None
            self._unanswered = 0 if call.is_answered else self._unanswered + 1
            self._cluster.leave(call.target, call.leader)
            call.drop()

    async def close(self) -> None:
        self._closed = True
        if self._opening:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if call := self._call:
            self._drop(call)
            await call.wait_closed()


def _seen(opening: asyncio.Task[AppendCall]) -> None:
    """Its failure is no news if every append that waited for it has given up."""
    if not opening.cancelled():
        opening.exception()
