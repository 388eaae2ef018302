"""The one writer: all waiting writes share a transaction, and are answered after its commit.

Work runs on the event loop, in order, in the open transaction (microseconds each). The commit with its fsync runs in a
thread, so that it never blocks the loop. During the commit, more work queues up for the next transaction: group commit.
"""

import asyncio
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, NoReturn, TypeVar

import apsw

from esdbnode.storage.database import describe, is_damage
from esdbnode.storage.reading import AllRow, Damaged
from esdbnode.storage.transaction import Transaction
from esdbnode.wording import datafile

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

CHECKPOINT_PAGES = 4_000
GROUP_SECONDS = 0.005
BACKLOG = 20_000


class CannotWrite(Exception):
    """The log refused this write, and stored nothing of it. The message says why and what to do."""


Work = Callable[[Transaction], Any]
Answer = Callable[[Any, Exception | None], None]
"""Takes the result of some work, once it is on disk, or why there is none."""

Committed = Callable[[int, set[str], list[AllRow]], None]
"""Takes the position of the last event, the names of the streams written to, and the events of a commit."""

_Group = list[tuple[Answer, Any, Exception | None]]


class Writer:
    def __init__(
        self,
        connection: apsw.Connection,
        committed: Committed,
        *,
        durable: bool,
    ) -> None:
        """`committed` is called after every commit, before its answers."""
        self._connection = connection
        self._transaction = Transaction(connection)
        self._committed = committed
        self._backlog: deque[tuple[Work, Answer]] = deque()
        self._busy = False
        self._loop = asyncio.get_running_loop()
        self._idle = asyncio.Event()
        self._idle.set()
        self._unmoved = 0
        connection.set_wal_hook(self._on_wal)
        self._commits: SimpleQueue[Callable[[apsw.Error | None], None] | None] = SimpleQueue()
        self._thread = (
            threading.Thread(target=self._commit_thread, name="commit", daemon=True) if durable else None
        )
        if self._thread:
            self._thread.start()

    def submit(self, work: Callable[[Transaction], Result]) -> asyncio.Future[Result]:
        """Run `work` in the next transaction. The future is done when the transaction is on disk.

        An exception of `work` becomes the future's exception; `work` must raise before its first insert. If the disk
        refuses, the exception is CannotWrite.
        """
        future: asyncio.Future[Result] = self._loop.create_future()
        self.enqueue(
            lambda transaction: None if future.done() else work(transaction), partial(_settle, future)
        )
        return future

    def enqueue(self, work: Work, answer: Answer) -> None:
        """As `submit`, for a caller that waits for much work at a time. `answer` must not raise."""
        if len(self._backlog) >= BACKLOG:
            return answer(None, CannotWrite(datafile.TOO_MANY_WRITES))
        self._backlog.append((work, answer))
        if not self._busy:
            self._busy = True
            self._idle.clear()
            self._loop.call_soon(self._run_group)
        return None

    async def close(self) -> None:
        """Finish the submitted work, then end the commit thread."""
        await self._idle.wait()
        if self._thread:
            self._commits.put(None)
            await asyncio.to_thread(self._thread.join)

    def _run_group(self) -> None:
        group: _Group = []
        transaction, until = self._transaction, self._loop.time() + GROUP_SECONDS
        try:
            transaction.begin()
            while self._backlog and self._loop.time() < until:
                work, answer = self._backlog.popleft()
                try:
                    group.append((answer, work(transaction), None))
                except apsw.Error:
                    group.append((answer, None, None))
                    raise
                except Exception as refusal:
                    group.append((answer, None, refusal))
        except apsw.Error as error:
            self._finish(group, error)
        else:
            self._commit(lambda error: self._finish(group, error))

    def _commit(self, then: Callable[[apsw.Error | None], None]) -> None:
        if self._thread and self._transaction.touched:
            self._commits.put(then)
        else:
            then(self._try_commit())

    def _commit_thread(self) -> None:
        while then := self._commits.get():
            self._loop.call_soon_threadsafe(then, self._try_commit())

    def _try_commit(self) -> apsw.Error | None:
        try:
            self._connection.execute("COMMIT")
        except apsw.IOError as error:
            _die_of(error)
        except apsw.Error as error:
            return error
        self._checkpoint()
        return None

    def _on_wal(self, _connection: apsw.Connection, _schema: str, pages: int) -> int:
        self._unmoved = pages
        return apsw.SQLITE_OK

    def _checkpoint(self) -> None:
        """Move the write-ahead log into the data file from time to time. SQLite would do it too, but hide errors."""
        if self._unmoved >= CHECKPOINT_PAGES:
            try:
                self._connection.wal_checkpoint()
            except apsw.IOError as error:
                _die_of(error)
            except apsw.Error as error:
                logger.warning(datafile.write_ahead_log_stays_long(str(error)))

    def _finish(self, group: _Group, error: apsw.Error | None) -> None:
        """Whatever an answer raises, the next group is written."""
        try:
            self._answer(group, error)
        finally:
            if self._backlog:
                self._loop.call_soon(self._run_group)
            else:
                self._busy = False
                self._idle.set()

    def _answer(self, group: _Group, error: apsw.Error | None) -> None:
        if error is None:
            transaction = self._transaction
            self._committed(transaction.last_position, transaction.touched, transaction.rows)
            for answer, result, refusal in group:
                answer(result, refusal)
        else:
            try:
                self._roll_back()
            except apsw.Error as failure:
                _die_of(failure)
            for answer, _, _ in group:
                answer(None, _reason(error))

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._transaction.reset()


def _settle(future: asyncio.Future[Any], result: Any, refusal: Exception | None) -> None:
    if future.done():  # the client gave up, or disconnected
        return
    if refusal is None:
        future.set_result(result)
    else:
        future.set_exception(refusal)


def _die_of(error: apsw.Error) -> NoReturn:
    """After a failed write or fsync the contents of the disk are unknown, and a second fsync may wrongly succeed."""
    print(datafile.disk_failed(str(error)), file=sys.stderr, flush=True)
    os._exit(70)


def _reason(error: apsw.Error) -> CannotWrite:
    if isinstance(error, apsw.FullError):
        return CannotWrite(datafile.DISK_FULL)
    if is_damage(error):
        return CannotWrite(datafile.append_meets_damage(str(Damaged(describe(error)))))
    return CannotWrite(datafile.write_refused(str(error)))
