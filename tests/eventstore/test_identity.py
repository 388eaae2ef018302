"""A log is known by its first event."""

import pytest

from eventstore.identity import LogId
from eventstore.store import NO_STREAM
from tests.kit.logs import Both, events

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_log_that_gets_its_first_event_is_not_taken_for_another_one(both: Both) -> None:
    log_id = LogId(both.store, [both.prefix])
    assert not await log_id.is_other("before anything is known")
    await log_id.refresh()
    assert log_id.value == ""
    assert await log_id.is_other("another")
    (first, *more) = events(2)
    await both.store.append(both.stream(), [first], expected=NO_STREAM)
    assert not await log_id.is_other(str(first.id))
    await both.store.append(both.stream("2"), more, expected=NO_STREAM)
    await log_id.refresh()
    assert log_id.value == str(first.id)
    assert await log_id.is_other("another")
    assert not await log_id.is_other(None)
    assert not await log_id.is_other("")
