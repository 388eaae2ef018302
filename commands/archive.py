"""Snapshots of one aggregate: read with a short deadline, written in the background. No failure reaches a command."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Final, Generic, TypeVar

from commands import messages
from commands.cache import Loaded
from commands.snapshots import Form, Snapshots, Unusable
from domain.decider import Decider

log: Final = logging.getLogger("daybook.snapshots")

EVERY: Final = 256
"""How many events after a snapshot the next one is taken."""
DEADLINE: Final = 0.3
"""Seconds that a command waits for a snapshot. The log holds the same."""
PAUSE: Final = 5.0
"""Seconds without snapshots after a failure."""

_WRITE_DEADLINE: Final = 2.0
_WAITING: Final = 64
"""How many streams may wait for their snapshots to be written. Those beyond get theirs later."""

S = TypeVar("S")
_Answer = TypeVar("_Answer")


class Archive(Generic[S]):
    """Without `snapshots` it is empty."""

    def __init__(self, decider: Decider[Any, S, Any], snapshots: Snapshots | None) -> None:
        self._form = Form(decider)
        self._snapshots = snapshots
        self._paused_until = 0.0
        self._due: dict[str, Loaded[S]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def get(self, stream: str) -> Loaded[S] | None:
        """From before: only if the log has the same last event can it be used."""
        if self._snapshots is None or self._is_paused():
            return None
        blob = await self._reach(self._snapshots.get(self._form.key(stream)), DEADLINE)
        if blob is None:
            return None
        try:
            return self._form.decode(stream, blob)
        except Unusable as error:
            log.debug(messages.snapshot_ignored(stream, str(error)))
            return None

    def is_due(self, loaded: Loaded[S]) -> bool:
        return self._snapshots is not None and loaded.revision - loaded.snapshot >= EVERY

    def take(self, stream: str, loaded: Loaded[S]) -> None:
        """Soon. Of several states of a stream that wait, only the newest is written."""
        if stream not in self._due and len(self._due) >= _WAITING:
            return
        self._due[stream] = loaded
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._due:
                stream = next(iter(self._due))
                await self._put(stream, self._due.pop(stream))
        finally:
            self._writing = None

    async def _put(self, stream: str, loaded: Loaded[S]) -> None:
        if self._snapshots is None or self._is_paused():
            return
        blob = await asyncio.to_thread(self._form.encode, stream, loaded)
        await self._reach(self._snapshots.put(self._form.key(stream), blob), _WRITE_DEADLINE)

    def _is_paused(self) -> bool:
        return asyncio.get_running_loop().time() < self._paused_until

    async def _reach(self, answer: Awaitable[_Answer], seconds: float) -> _Answer | None:
        """None if there was no answer. Then nothing is tried for a while."""
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except OSError as error:  # TimeoutError too
            self._paused_until = asyncio.get_running_loop().time() + PAUSE
            log.debug(messages.no_snapshots(f"{type(error).__name__} {error}", PAUSE))
            return None

    async def close(self) -> None:
        """What waits is written first, if that takes no longer than one write may."""
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=_WRITE_DEADLINE)
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        if self._snapshots is not None:
            await self._snapshots.close()
