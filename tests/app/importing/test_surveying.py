"""The survey of a statement's accounts, when the log is slow or goes away."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from app.importing.surveying import survey
from eventstore.memory import MemoryLog, MemoryStore, MemorySubscription, Records
from eventstore.store import Message, StoreUnavailable
from tests.kit.journal import Journal

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Endless(MemoryLog):
    """Its end is never reached. `ended`: nobody reads it any more."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self.ended = threading.Event()

    def read(self, *, prefixes: Sequence[str], after: int | None) -> MemorySubscription:
        return Noticed(self._records, tuple(prefixes), after, live=True, ended=self.ended)


class Noticed(MemorySubscription):
    def __init__(self, *about: Any, live: bool, ended: threading.Event) -> None:
        super().__init__(*about, live=live)
        self._ended = ended

    def __iter__(self) -> Iterator[Message]:
        yield from super().__iter__()
        self._ended.set()


class Away(MemoryLog):
    """It does not answer at first."""

    tries = 0

    def read(self, *, prefixes: Sequence[str], after: int | None) -> MemorySubscription:
        self.tries += 1
        if self.tries == 1:
            raise StoreUnavailable("away")
        return super().read(prefixes=prefixes, after=after)


async def test_a_survey_that_is_cancelled_ends_the_reading_of_the_log() -> None:
    records = Records()
    log = Endless(records)
    surveying = asyncio.create_task(survey(MemoryStore(records), log, ["a"], lambda _: None))
    await asyncio.sleep(0.1)
    surveying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await surveying
    async with asyncio.timeout(10):
        await asyncio.to_thread(log.ended.wait)


async def test_a_log_that_does_not_answer_at_first_is_asked_again() -> None:
    journal = Journal()
    journal.book("a", 100)
    log = Away(journal.records)
    found = await survey(MemoryStore(journal.records), log, ["a", "b"], lambda _: None)
    assert (list(found), log.tries) == (["a"], 2)
