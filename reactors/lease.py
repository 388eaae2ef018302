"""The lease: of all processes that run the reactors, one acts, and the others stand by.

It is in the log, in the stream `reactor-lease`. The process that wrote the last event there has the lease. Every append
states the revision that it expects. This is the fencing token: a process whose lease was taken learns of it before it
writes.

It is renewed only by a process that is about to write, and taken only by one that has something to do. So a log in
which nothing happens does not grow. docs/adr/0031 says why this is enough.
"""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import msgspec

from eventstore.store import (
    NO_STREAM,
    Appended,
    EventStore,
    NewEvent,
    StoreError,
    StoreUnavailable,
    WrongRevision,
)
from reactors import messages
from reactors.checkpoint import limit
from reactors.holder import RELEASED, RENEWED, STREAM, TAKEN, Holder, Newest, newest

log: Final = logging.getLogger("daybook.reactor")

RENEW: Final = 0.2
"""Seconds after which a process makes sure that it still has the lease, before it writes."""
PATIENCE: Final = 0.8
"""Seconds without an event of the lease, while something is to be done, after which another process takes it."""
LOOK: Final = 0.2
"""Seconds between two looks at the lease of a process that waits for it."""
LONGEST: Final = 10.0
"""Seconds for which the lease is kept while actions run that write nothing. One that hangs loses it."""
RELEASE: Final = 1.0
"""Seconds for giving it back at the end."""

_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""One that goes on while the process is stopped, and where there is one, also while the machine sleeps."""
_TRIES: Final = 2


class LeaseLost(StoreUnavailable):
    """This process does not have the lease, or the log has not confirmed it lately. Nothing was appended."""


def clock() -> float:
    return time.clock_gettime(_CLOCK)


class _Held(msgspec.Struct):
    """`term` is the revision at which this process took it, `revision` the one of its last event.

    `confirmed`: the log has accepted an event that was sent then.
    """

    me: Holder
    term: int
    revision: int
    confirmed: float


class _Watched(msgspec.Struct):
    """What a process that waits has seen: the last event is `newest` since `since`; the last look was at `looked`."""

    newest: Newest
    since: float
    looked: float


class Lease:
    """That of this process. All its reactors share it. `clock` says the time in seconds, and never goes back."""

    def __init__(self, store: EventStore, clock: Callable[[], float] = clock) -> None:
        self._store = store
        self._clock = clock
        self._id = uuid4()
        self._held: _Held | None = None
        self._watched: _Watched | None = None
        self._lock = asyncio.Lock()

    @property
    def term(self) -> int | None:
        """Another number each time it is taken; None: this process does not have it, as far as it knows."""
        return self._held.term if self._held else None

    async def confirm(self) -> None:
        """Returns only if nobody else can have taken it. Raises LeaseLost, StoreError."""
        asked = self._clock()
        async with self._lock:
            for _ in range(_TRIES):
                if self._is_confirmed(asked):
                    return
                await self._renew()
            # An answer that took so long says nothing about now: the process may have been stopped meanwhile.
            if not self._is_confirmed(asked):
                raise LeaseLost(messages.LEASE_NOT_CONFIRMED)

    def _is_confirmed(self, asked: float) -> bool:
        """Of those who ask at the same time, one renews it for all."""
        if self._held is None:
            raise LeaseLost(messages.LEASE_LOST)
        age = self._clock() - self._held.confirmed
        return age < (PATIENCE if self._held.confirmed >= asked else RENEW)

    async def _renew(self) -> None:
        held = self._held
        assert held
        sent = self._clock()
        try:
            held.revision = await self._append(RENEWED, held.me, held.revision)
            held.confirmed = sent
        except WrongRevision:
            await self._look_whose(held)

    async def _look_whose(self, held: _Held) -> None:
        """An append whose outcome was unknown may have been recorded: then the last event is still one of ours."""
        found = await newest(self._store)
        if found.holder is not None and found.holder.holder == self._id and found.revision > held.revision:
            held.revision = found.revision
        else:
            self._held = None
            log.warning(messages.LEASE_LOST)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """It is renewed as long as the block runs, at most for LONGEST."""
        over = asyncio.Event()
        keeping = asyncio.create_task(self._keep(over))
        try:
            yield
        finally:
            over.set()
            await keeping

    async def _keep(self, over: asyncio.Event) -> None:
        with contextlib.suppress(StoreError):
            for _ in range(round(LONGEST / LOOK)):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await over.wait()
                    return
                await self.confirm()

    async def is_free(self) -> bool:
        """Whether `take` may succeed. It looks at the log, unless it did so just now. Raises StoreError.

        The lease is free if this process has it already, if no process has it, or if none of the looks at the log
        found a new event of it for PATIENCE. A look that comes long after the one before begins a new wait: in between
        there was nothing to do, or this process was stopped, or the log did not answer.
        """
        async with self._lock:
            if self._held:
                return True
            watched, asked = self._watched, self._clock()
            if watched and asked - watched.looked < LOOK / 2:
                return False
            found = await newest(self._store)
            now = self._clock()
            is_same = watched is not None and found[:2] == watched.newest[:2]
            if watched is None or not is_same or asked - watched.looked > PATIENCE:
                watched = _Watched(found, since=now, looked=now)
            watched.looked = now
            self._watched = watched
            return found.is_vacant or asked - watched.since >= PATIENCE

    async def take(self) -> bool:
        """Whether this process has it now. It is not taken if an event came after `is_free`. Raises StoreError."""
        async with self._lock:
            if self._held or self._watched is None:
                return self._held is not None
            before, self._watched = self._watched.newest, None
            if before.revision == NO_STREAM:
                await limit(self._store, STREAM)
            me = Holder(holder=self._id, host=socket.gethostname(), pid=os.getpid(), since=datetime.now(UTC))
            sent = self._clock()
            try:
                term = await self._append(TAKEN, me, before.revision)
            except WrongRevision:
                return False
            self._held = _Held(me, term, term, sent)
            log.info(messages.LEASE_TAKEN)
            return True

    async def release(self) -> None:
        """Gives it back, so that another process takes it at once. A log that does not answer is not waited for."""
        held, self._held = self._held, None
        if held:
            try:
                async with asyncio.timeout(RELEASE):
                    await self._append(RELEASED, held.me, held.revision)
            except (StoreError, TimeoutError) as error:
                log.debug(str(error))

    async def _append(self, kind: str, me: Holder, expected: int) -> int:
        """The revision of the new event."""
        event = NewEvent(id=uuid4(), type=kind, data=msgspec.json.encode(me), metadata=b"{}")
        return (await self._store.append(STREAM, [event], expected=expected)).revision


class Fenced:
    """The port `EventStore`: `store`, but an append raises LeaseLost while this process does not have the lease."""

    def __init__(self, store: EventStore, lease: Lease) -> None:
        self._store = store
        self._lease = lease
        self.read_stream = store.read_stream
        self.read_all = store.read_all
        self.head = store.head
        self.first = store.first
        self.close = store.close

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        await self._lease.confirm()
        return await self._store.append(stream, events, expected=expected)
