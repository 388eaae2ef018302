"""The read model `transfers`: what it holds of each transfer, the lists, and how the audit checks it."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest
import redis as redis_py

from domain.accounts import CloseAccount
from domain.identifiers import AccountId
from domain.transfers import TRANSFERS, NoAccount, TransferCommand, transfer_id_of
from projections import messages
from projections.audit import audit
from projections.engine.changes import Value
from projections.engine.clients import Redis
from projections.engine.facts import Streams
from projections.engine.folding import changes as published
from projections.engine.folding import fold
from projections.engine.reading import ReadModelMissing
from projections.readmodels import READ_MODELS, transfers
from projections.readmodels.transfers import Step, Transfer
from tests.kit.accounts import DAY, an_id
from tests.kit.audited import made_and_expected
from tests.kit.journal import Journal, tell
from tests.kit.memory_redis import ReadSide
from tests.kit.messages import pattern_of
from tests.kit.projector import project_all, rebuild
from tests.kit.transfers import (
    TRANSFER,
    declined_in,
    declined_out,
    leg_id,
    receive,
    received,
    record,
    request,
    returned,
    send,
    sent,
    take_back,
)

IDS = [transfer_id_of(an_id(number)) for number in range(9)]
"""IDS[n] is the id of the transfer that command n requests."""


def told(journal: Journal, *commands: TransferCommand) -> int:
    return [tell(journal, TRANSFERS, command) for command in commands][-1]


def complete(journal: Journal, number: int) -> int:
    """Request it, and let it arrive."""
    of = IDS[number]
    return told(journal, request(number), record(sent(), of), record(received(), of))


async def found_in(read_side: ReadSide, journal: Journal, of: UUID = TRANSFER) -> Transfer:
    read_side.project(journal)
    found = await transfers.transfer(read_side.redis, of)
    assert found is not None
    return found


async def listed(redis: Redis, limit: int = 50, **asked: Any) -> list[list[int]]:
    """The numbers of the transfers on each page."""
    pages, after = [], None
    while True:
        page = await transfers.transfers(redis, after=after, limit=limit, **asked)
        pages.append([IDS.index(each.transfer_id) for each in page.transfers])
        after = page.after
        if after is None:
            return pages


def steps(transfer: Transfer) -> list[str]:
    return [step.state for step in transfer.steps]


async def test_a_transfer_is_as_it_was_requested_at_first(read_side: ReadSide, journal: Journal) -> None:
    at = told(journal, request(note="rent", reference="VS 7"))
    assert await found_in(read_side, journal) == Transfer(
        transfer_id=TRANSFER,
        state="requested",
        from_account="a",
        to_account="b",
        amount=100,
        currency="CZK",
        value_date=DAY,
        note="rent",
        reference="VS 7",
        debit=None,
        credit=None,
        refund=None,
        reason=None,
        reverses=None,
        reversed_by=None,
        requested=journal.all[0].created,
        changed=journal.all[0].created,
        position=at,
        revision=0,
        steps=(Step("requested", at, journal.all[0].created),),
    )
    assert await transfers.transfer(read_side.redis, an_id(5)) is None


async def test_a_completed_transfer_has_both_entries_and_the_time_of_each_step(
    read_side: ReadSide, journal: Journal
) -> None:
    complete(journal, 1)
    found = await found_in(read_side, journal)
    assert (found.state, found.is_under_way, found.revision) == ("completed", False, 3)
    assert (found.debit, found.credit) == (leg_id("debit", "a"), leg_id("credit", "b"))
    assert [(step.state, step.position) for step in found.steps] == [
        (state, event.position)
        for state, event in zip(
            ("requested", "debited", "credited", "completed"), journal.all[-4:], strict=True
        )
    ]
    assert found.place == journal.all[0].position


async def test_a_refused_transfer_says_why(read_side: ReadSide, journal: Journal) -> None:
    told(journal, request(), record(declined_out("account-frozen")))
    found = await found_in(read_side, journal)
    assert (found.state, found.reason, found.debit) == ("refused", "account-frozen", None)


async def test_a_declined_transfer_is_debited_with_a_reason_until_the_money_is_back(
    read_side: ReadSide, journal: Journal
) -> None:
    told(journal, request(), record(sent()), record(declined_in("account-closed")))
    found = await found_in(read_side, journal)
    assert (found.state, found.reason, found.is_under_way) == ("debited", "account-closed", True)
    assert steps(found) == ["requested", "debited", "declined"]


async def test_a_refunded_transfer_has_the_entry_of_the_refund(read_side: ReadSide, journal: Journal) -> None:
    told(journal, request(), record(sent()), record(NoAccount(step="credit")), record(returned()))
    found = await found_in(read_side, journal)
    assert (found.state, found.reason) == ("refunded", "unknown-account")
    assert (found.refund, found.credit) == (leg_id("refund", "a"), None)


async def test_a_transfer_says_which_one_reversed_it_unless_that_failed(
    read_side: ReadSide, journal: Journal
) -> None:
    complete(journal, 1)
    told(journal, request(2, reverses=TRANSFER))
    told(journal, record(declined_out(), IDS[2]), request(3, reverses=TRANSFER))
    found = await found_in(read_side, journal)
    assert found.reversed_by == IDS[3]
    reversal = await transfers.transfer(read_side.redis, IDS[3])
    assert reversal is not None
    assert (reversal.reverses, reversal.reversed_by) == (TRANSFER, None)


async def test_a_reversal_that_was_refunded_reverses_nothing(read_side: ReadSide, journal: Journal) -> None:
    complete(journal, 1)
    answers = [record(answer, IDS[2]) for answer in (sent(), declined_in(), returned())]
    told(journal, request(2, reverses=TRANSFER), *answers)
    assert (await found_in(read_side, journal)).reversed_by is None


# Lists.


def five_transfers(journal: Journal) -> None:
    """1 is completed, 2 under way between c and b, 3 refused, 4 completed before 1, 5 declined and not yet refunded."""
    told(journal, request(1), request(2, from_account=AccountId("c")), request(3), record(sent(), IDS[2]))
    complete(journal, 4)
    told(journal, record(sent(), IDS[1]), record(received(), IDS[1]))
    told(journal, record(declined_out(), IDS[3]), request(5))
    told(journal, record(sent(), IDS[5]), record(declined_in(), IDS[5]))


async def test_transfers_come_newest_request_first_and_pages_join(
    read_side: ReadSide, journal: Journal
) -> None:
    five_transfers(journal)
    read_side.project(journal)
    assert await listed(read_side.redis) == [[5, 4, 3, 2, 1]]
    assert await listed(read_side.redis, limit=2) == [[5, 4], [3, 2], [1]]
    assert await listed(read_side.redis, limit=5) == [[5, 4, 3, 2, 1]]


@pytest.mark.parametrize(
    ("asked", "pages"),
    [
        ({"state": "completed"}, [[1], [4]]),
        ({"state": "refused"}, [[3]]),
        ({"state": "refunded"}, [[]]),
        ({"state": "debited"}, [[5], [2]]),
        ({"state": "requested"}, [[]]),
        ({"account": "c"}, [[2]]),
        ({"account": "a"}, [[5], [4], [3], [1]]),
        ({"account": "b", "state": "debited"}, [[5], [2]]),
        ({"account": "a", "state": "completed"}, [[4], [1]]),
        ({"account": "c", "state": "completed"}, [[]]),
        ({"account": "nobody"}, [[]]),
    ],
    ids=str,
)
async def test_transfers_are_filtered_by_state_and_account(
    read_side: ReadSide, journal: Journal, asked: dict[str, Any], pages: list[list[int]]
) -> None:
    five_transfers(journal)
    read_side.project(journal)
    assert await listed(read_side.redis, limit=1, **asked) == pages


async def test_several_transfers_are_read_at_once(read_side: ReadSide, journal: Journal) -> None:
    five_transfers(journal)
    read_side.project(journal)
    found = await transfers.several(read_side.redis, {IDS[1], IDS[3], an_id(5)})
    assert {name: row.state for name, row in found.items()} == {IDS[1]: "completed", IDS[3]: "refused"}
    assert await transfers.several(read_side.redis, ()) == {}


async def test_those_under_way_are_counted(read_side: ReadSide, journal: Journal) -> None:
    five_transfers(journal)
    read_side.project(journal)
    rows, count = await transfers.under_way(read_side.redis, limit=1)
    assert ([row.transfer_id for row in rows], count) == ([IDS[5]], 2)


async def test_a_cursor_that_no_page_gave_is_refused(read_side: ReadSide, journal: Journal) -> None:
    five_transfers(journal)
    read_side.project(journal)
    filters: list[dict[str, Any]] = [{}, {"state": "debited"}, {"state": "completed"}, {"account": "a"}]
    for asked in filters:
        with pytest.raises(ValueError, match="nonsense"):
            await transfers.transfers(read_side.redis, after="nonsense", **asked)


async def test_what_is_published_is_read_as_it_is_now(read_side: ReadSide, journal: Journal) -> None:
    five_transfers(journal)
    read_side.project(journal)
    values = published(fold(transfers.MODEL, Streams().read(journal.all), set()), transfers.MODEL)
    rows: Sequence[Value] = [(name, bytes(blob)) for key, name, blob in values if key == transfers.ROWS]
    found = await transfers.changed(read_side.redis, rows)
    assert [IDS.index(row.transfer_id) for row in found] == [2, 4, 1, 3, 5]


def test_a_transfer_of_which_a_reversal_is_requested_or_fails_is_published(journal: Journal) -> None:
    complete(journal, 1)
    for command in (request(2, reverses=TRANSFER), record(declined_out(), IDS[2])):
        before = len(journal.all)
        told(journal, command)
        batch = Streams().read(journal.all)
        news = msgspec.structs.replace(batch, facts=batch.facts[before:])
        values = published(fold(transfers.MODEL, news, set()), transfers.MODEL)
        assert [name for key, name, _ in values if key == transfers.REVERSALS] == [str(TRANSFER)]


# The audit.


def whole_life(journal: Journal) -> None:
    five_transfers(journal)
    told(journal, record(returned(), IDS[5]))
    told(journal, request(6, reverses=IDS[1]), record(declined_out(), IDS[6]), request(7, reverses=IDS[1]))
    told(journal, request(8, reverses=IDS[4]), record(sent(), IDS[8]), record(received(), IDS[8]))


def test_what_is_expected_is_what_the_projection_makes(journal: Journal) -> None:
    whole_life(journal)
    made, expected = made_and_expected(transfers.MODEL, journal)
    assert made == expected


@pytest.mark.every_server
def test_the_audit_expects_what_the_projection_makes(
    client: redis_py.Redis, url: str, journal: Journal
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    assert audit(journal.log, client) == []


@pytest.mark.every_server
@pytest.mark.parametrize(
    ("key", "number", "value"),
    [("rows", 1, ""), ("at:debited", 2, ""), ("under_way", 3, ""), (f"reversals:{IDS[1]}", 6, "")],
)
def test_the_audit_finds_what_was_changed(
    client: redis_py.Redis, url: str, journal: Journal, key: str, number: int, value: str
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    client.hset(f"{{transfers:1}}:{key}", str(IDS[number]), value)
    (found,) = audit(journal.log, client)
    assert key in found
    assert str(IDS[number]) in found


@pytest.mark.every_server
@pytest.mark.parametrize("key", ["by_request", "of:a", "ended:completed"])
def test_the_audit_finds_a_place_that_was_changed(
    client: redis_py.Redis, url: str, journal: Journal, key: str
) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    client.zincrby(f"{{transfers:1}}:{key}", 1, str(IDS[1]))
    (found,) = audit(journal.log, client)
    assert key in found


def test_a_rebuild_makes_the_same(client: redis_py.Redis, url: str, journal: Journal) -> None:
    whole_life(journal)
    project_all(lambda: journal.log, url)
    (done,) = rebuild(journal.log, client, ["transfers"])
    assert (done.differences, done.flipped) == (0, True)
    assert audit(journal.log, client) == []


async def test_a_lost_row_makes_the_read_model_missing(
    client: redis_py.Redis, redis: Redis, url: str, journal: Journal
) -> None:
    told(journal, request())
    project_all(lambda: journal.log, url)
    client.delete("{transfers:1}:rows")
    with pytest.raises(ReadModelMissing):
        await transfers.transfer(redis, TRANSFER)


# Money on its way.


@pytest.fixture
def moving(journal: Journal) -> Journal:
    """Accounts a and b are open, a has 500, and transfer 1 of 100 was requested."""
    for name in "ab":
        journal.open(name)
    journal.book("a", 500)
    told(journal, request())
    return journal


STEPS = (
    lambda journal: journal.give(send(100)),
    lambda journal: told(journal, record(sent())),
    lambda journal: journal.give(receive(100)),
    lambda journal: told(journal, record(received())),
)


@pytest.mark.every_server
@pytest.mark.parametrize("number", range(len(STEPS) + 1))
def test_transfers_and_accounts_agree_at_each_step(
    client: redis_py.Redis, url: str, moving: Journal, number: int
) -> None:
    for step in STEPS[:number]:
        step(moving)
    project_all(lambda: moving.log, url)
    assert audit(moving.log, client) == []


@pytest.mark.every_server
def test_transfers_and_accounts_agree_about_a_refund(
    client: redis_py.Redis, url: str, moving: Journal
) -> None:
    moving.give(CloseAccount(account_id=AccountId("b"), command_id=an_id(50)))
    for step in STEPS[:2]:
        step(moving)
    moving.give(receive(100))
    told(moving, record(declined_in("account-closed")))
    project_all(lambda: moving.log, url)
    assert audit(moving.log, client) == []
    moving.give(take_back(100))
    told(moving, record(returned()))
    project_all(lambda: moving.log, url)
    assert audit(moving.log, client) == []


def other_amount(journal: Journal) -> None:
    journal.give(send(90))


def sent_twice(journal: Journal) -> None:
    journal.give(send(100))
    journal.give(send(100, command_id=an_id(60)))


def never_received(journal: Journal) -> None:
    journal.give(send(100))
    told(journal, record(sent()), record(received()))


def never_requested(journal: Journal) -> None:
    journal.give(send(100, transfer_id=an_id(61)))


@pytest.mark.every_server
@pytest.mark.parametrize("wrong", [other_amount, sent_twice, never_received, never_requested])
def test_money_that_no_transfer_explains_is_found(
    client: redis_py.Redis, url: str, moving: Journal, wrong: Callable[[Journal], None]
) -> None:
    wrong(moving)
    project_all(lambda: moving.log, url)
    (found,) = audit(moving.log, client)
    assert re.fullmatch(pattern_of(messages.in_flight_differs), found)


@pytest.mark.every_server
def test_a_transfer_that_is_stopped_is_not_held_against_its_accounts(
    client: redis_py.Redis, url: str, moving: Journal
) -> None:
    moving.give(send(100))
    moving.scribble(TRANSFERS.stream(str(TRANSFER)), "TransferDebited")
    moving.give(send(100, command_id=an_id(60)))
    project_all(lambda: moving.log, url)
    found = audit(moving.log, client)
    assert len(found) == sum("transfer" in model.categories for model in READ_MODELS)
    assert all(TRANSFERS.stream(str(TRANSFER)) in sentence for sentence in found)
    assert not any(re.fullmatch(pattern_of(messages.in_flight_differs), sentence) for sentence in found)
