"""The index of correlation ids: which events it finds, and how it is proven. The audit is in test_audit."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import redis as redis_py

from domain.accounts import AccountEvent
from domain.identifiers import AccountId
from eventstore.codec import encode
from eventstore.memory import MemoryStore
from projections import causes
from projections.engine.clients import Redis
from projections.engine.reading import LONGEST_PAGE, ReadModelMissing
from projections.readmodels import trace
from tests.kit.accounts import deposited, opened
from tests.kit.journal import Journal, metadata_of, traffic
from tests.kit.projector import project_all, rebuild
from tests.kit.users import create_user, register

pytestmark = pytest.mark.every_server


def book(journal: Journal, account: str, correlation_id: str, entries: int = 1) -> list[int]:
    """Opens the account and books entries in one request. Returns the positions."""
    entries_of = (deposited(2 + number, 1, balance=number + 1) for number in range(entries))
    events = [on(account, opened(1)), *(on(account, each) for each in entries_of)]
    metadata = msgspec.structs.replace(metadata_of(uuid4()), correlation_id=correlation_id)
    new = [encode(event, metadata, index) for index, event in enumerate(events)]
    journal.records.append(f"account-{account}", new, -1)
    return [each.position for each in journal.all[-len(new) :]]


def on(account: str, event: AccountEvent) -> AccountEvent:
    return msgspec.structs.replace(event, account_id=AccountId(account))


async def found(redis: Redis, journal: Journal, correlation_id: str, **page: int) -> causes.Trace | None:
    return await causes.trace(redis, MemoryStore(journal.records), correlation_id, **page)


def positions(steps: Sequence[causes.Step]) -> list[int]:
    return [step.recorded.position for step in steps]


async def test_the_events_of_a_request_are_found_in_all_streams_oldest_first(
    journal: Journal, url: str, redis: Redis
) -> None:
    command = create_user(1, name="Anna")
    register(journal, command)
    written = [*book(journal, "anna", "order/7?"), *book(journal, "eva", "order/7?")]
    book(journal, "jan", "order/8")
    project_all(lambda: journal.log, url)
    trace_ = await found(redis, journal, "order/7?")
    assert trace_ is not None
    assert (positions(trace_.steps), trace_.more, trace_.last) == (written, 0, written[-1])
    of_person = await found(redis, journal, metadata_of(command.command_id).correlation_id)
    assert of_person is not None
    assert [step.recorded.type for step in of_person.steps] == ["UserCreated"]
    assert await found(redis, journal, "order") is None
    assert await found(redis, journal, "") is None


async def test_a_long_trace_is_shown_in_pages_that_say_how_many_more_there_are(
    journal: Journal, url: str, redis: Redis
) -> None:
    written = book(journal, "anna", "import", entries=2 * LONGEST_PAGE)
    project_all(lambda: journal.log, url)
    pages, after, more = list[int](), -1, 1
    while more:
        page = await found(redis, journal, "import", after=after)
        assert page is not None
        pages += positions(page.steps)
        assert page.more == len(written) - len(pages)
        after, more = page.last, page.more
    assert pages == written
    few = await found(redis, journal, "import", after=written[1], limit=2)
    assert few is not None
    assert (positions(few.steps), few.more) == (written[2:4], len(written) - 4)


async def test_events_without_a_correlation_id_are_left_out(journal: Journal, url: str, redis: Redis) -> None:
    journal.write_foreign(on("anna", opened(1)), b'{"$correlationId": 5}')
    journal.write_foreign(on("eva", opened(1)))
    project_all(lambda: journal.log, url)
    assert [await found(redis, journal, each) for each in ("5", "")] == [None, None]
    with redis_py.Redis.from_url(url) as client:
        assert list(client.scan_iter(match="{trace:1}:of:*")) == []


async def test_an_event_of_another_request_with_the_same_digest_is_left_out(
    journal: Journal, url: str, redis: Redis, client: redis_py.Redis
) -> None:
    written, (other, *_) = book(journal, "anna", "one"), book(journal, "eva", "other")
    project_all(lambda: journal.log, url)
    key, digest = trace.place_of("one")
    client.zadd(f"{{trace:1}}:{key}", {f"{digest}{other:012x}": 0, f"{digest}{other + 1:012x}": 0})
    shown = await found(redis, journal, "one")
    assert shown is not None
    assert positions(shown.steps) == written


async def test_an_index_that_was_never_built_says_so(journal: Journal, redis: Redis) -> None:
    with pytest.raises(ReadModelMissing):
        await found(redis, journal, "one")


async def test_the_correlation_id_of_the_event_at_a_position(journal: Journal) -> None:
    (first, _), store = book(journal, "anna", "one"), MemoryStore(journal.records)
    assert await causes.correlation_at(store, first) == "one"
    assert [await causes.correlation_at(store, at) for at in (first + 1, 10**6, 2**63 - 1, 0)] == [""] * 4


@pytest.mark.parametrize("entries", [3, 3_000])
def test_a_rebuild_names_the_members_that_differ(
    journal: Journal, url: str, client: redis_py.Redis, entries: int
) -> None:
    """In a set that is compared as a whole, and in one that is too long for that."""
    traffic(journal, 500)
    book(journal, "anna", "import", entries=entries)
    project_all(lambda: journal.log, url)
    key, digest = trace.place_of("import")
    name: Any = f"{{trace:1}}:{key}"
    second: Any = client.zrange(name, 1, 1)
    (lost,) = second
    client.zrem(name, lost)
    client.zadd(name, {f"{digest}{1:012x}": 0})
    (report,) = rebuild(journal.log, client, ["trace"])
    assert report.differences == 2
    assert {each.member for each in report.listed} == {lost.decode(), f"{digest}{1:012x}"}
    (report,) = rebuild(journal.log, client, ["trace"])
    assert (report.differences, report.keys > 400) == (0, True)
