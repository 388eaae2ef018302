"""The log as the protocol rules see it: `submit` work to the writer, read pages, wait for new events."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import apsw

from esdbnode.storage.database import cannot_open, lock, open_reader, open_writer
from esdbnode.storage.reading import LAST, PAGE_BYTES, PAGE_EVENTS, AllRow, Reader
from esdbnode.storage.transaction import EMPTY_APPEND, POSITION_STEP, Transaction
from esdbnode.storage.writing import Answer, Work, Writer

Result = TypeVar("Result")
Deliver = Callable[[list[AllRow]], bool]
"""Takes the events of a commit at once. False: it has to wait before it can take more."""


class Log:
    """Opens `path`, or a log in memory for `None`. Raises CannotOpen. Belongs to the running event loop."""

    def __init__(self, path: Path | None) -> None:
        with ExitStack() as opening:
            if path:
                opening.enter_context(lock(path))
            self._connection = open_writer(path)
            opening.callback(self._connection.close)
            try:
                reading = open_reader(path) if path else self._connection
                opening.callback(reading.close)
                self.read = Reader(reading)
                self.head = self.read.head()
                self._writer = Writer(self._connection, self._committed, durable=path is not None)
            except apsw.Error as error:
                raise cannot_open(path, error) from error
            self._opened = opening.pop_all()
        self._news: tuple[int, int, list[AllRow]] = (-1, -1, [])
        self._listeners: list[Callable[[set[str]], None]] = []
        self._bells: dict[str | None, set[asyncio.Future[None]]] = {}
        self._followers: dict[asyncio.Future[None], Deliver] = {}

    def submit(self, work: Callable[[Transaction], Result]) -> asyncio.Future[Result]:
        return self._writer.submit(work)

    def enqueue(self, work: Work, answer: Answer) -> None:
        self._writer.enqueue(work, answer)

    def after(self, position: int) -> list[AllRow]:
        """The page after a position in $all. The last commit's events are not read again, nor is the last page."""
        asked, head, rows = self._news
        if asked != position or head != self.head:
            rows = self.read.all_forwards(position + 1, LAST, PAGE_EVENTS)
            self._news = (position, self.head, rows)
        return rows

    def is_position(self, position: int) -> bool:
        """Whether a reader may start there: the beginning, an event, an append of nothing, the future."""
        if position <= 0 or position >= self.head + POSITION_STEP:
            return True
        return self.read.is_event(position) or self.read.is_event(position - EMPTY_APPEND)

    async def written(self, *streams: str | None) -> None:
        """Return after the next commit to one of these streams, or to any stream for `None`.

        A caller that reads, finds nothing and calls this without awaiting in between misses nothing.
        """
        bell: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for stream in streams:
            self._bells.setdefault(stream, set()).add(bell)
        try:
            await bell
        finally:
            for stream in streams:
                waiting = self._bells.get(stream, set())
                waiting.discard(bell)
                if not waiting:
                    self._bells.pop(stream, None)

    async def follow(self, deliver: Deliver) -> None:
        """Call `deliver` with each commit's events until it returns False, or a commit has more than a page.

        Some may be known already. A caller that reads, finds nothing and calls this without awaiting in between misses
        nothing. Raises what `deliver` raises.
        """
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._followers[ended] = deliver
        try:
            await ended
        finally:
            self._followers.pop(ended, None)

    def listen(self, listener: Callable[[set[str]], None]) -> None:
        """`listener` is called after every commit, before its acknowledgement, with the names of the streams in it."""
        self._listeners.append(listener)

    def _committed(self, head: int, streams: set[str], rows: list[AllRow]) -> None:
        if not streams:
            return
        is_page = len(rows) <= PAGE_EVENTS and sum(len(row[3]) for row in rows) <= PAGE_BYTES
        if is_page:
            self._news = (self.head, head, rows)
        self.head = head
        for listener in self._listeners:
            listener(streams)
        for stream in (None, *streams):
            for bell in self._bells.pop(stream, ()):
                if not bell.done():
                    bell.set_result(None)
        for ended, deliver in self._followers.items():
            if not ended.done():
                _deliver(ended, deliver, rows if is_page else None)

    async def close(self) -> None:
        await self._writer.close()
        self._opened.close()


def _deliver(ended: asyncio.Future[None], deliver: Deliver, page: list[AllRow] | None) -> None:
    try:
        if page is None or not deliver(page):
            ended.set_result(None)
    except Exception as error:
        ended.set_exception(error)
