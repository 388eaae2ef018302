"""The tree that events make of what they say about their causes. Pure, so these tests need only events."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import CreateAccount
from domain.identifiers import AccountId
from eventstore.codec import UNKNOWN_ACTOR
from eventstore.store import TICKS_PER_SECOND, Recorded
from projections.causes import Money, Step, money_of, tree
from tests.kit.journal import Journal, every_kind_of_event

REQUEST, PAYER, PAYEE = (str(UUID(int=number)) for number in (1, 2, 3))


def an_event(number: int, cause: Any = None, *, stream: str = "account-a", **metadata: Any) -> Recorded:
    """Event `number` of the log, 1 ms after the one before. Its id is the number as a UUID plus 1,000."""
    about = {"$causationId": cause, **metadata} if cause is not None else metadata
    return Recorded(
        stream=stream,
        revision=number,
        position=100 * number,
        event_id=an_id(number),
        type="MoneyDeposited",
        data=b"{}",
        metadata=json.dumps(about).encode(),
        created=number * TICKS_PER_SECOND // 1_000,
    )


def an_id(number: int) -> str:
    return str(UUID(int=1_000 + number))


def shape(steps: tuple[Step, ...]) -> list[tuple[int, int]]:
    """The number and the depth of each event."""
    return [(step.recorded.position // 100, step.depth) for step in steps]


def test_a_transfer_is_a_tree_from_its_request_to_its_completion() -> None:
    transfer, payer, payee = "transfer-1", "account-payer", "account-payee"
    events = [
        an_event(1, REQUEST, stream=transfer, actor="api"),
        an_event(2, an_id(1), stream=payer, actor="reactor"),
        an_event(3, an_id(2), stream=transfer, actor="reactor"),
        an_event(4, an_id(3), stream=payee, actor="reactor"),
        an_event(5, an_id(4), stream=transfer, actor="reactor"),
        an_event(6, an_id(4), stream=transfer, actor="reactor"),
    ]
    steps = tree(reversed(events))
    assert shape(steps) == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 4)]
    assert steps[3].children == (an_id(5), an_id(6))
    assert [step.origin.actor for step in steps] == ["api", *["reactor"] * 5]
    assert [step.after * 1_000 // TICKS_PER_SECOND for step in steps] == [0, 1, 2, 3, 4, 5]


def test_events_of_several_commands_of_a_request_are_roots() -> None:
    events = [an_event(1, PAYER), an_event(2, PAYER), an_event(3, an_id(1)), an_event(4, PAYEE)]
    assert shape(tree(events)) == [(1, 0), (3, 1), (2, 0), (4, 0)]


@pytest.mark.parametrize("cause", [None, 5, True, {"a": 1}, [], "", "nobody", an_id(99), an_id(2), an_id(3)])
def test_an_event_whose_cause_is_missing_later_or_itself_is_a_root(cause: Any) -> None:
    events = [an_event(1, REQUEST), an_event(2, cause), an_event(3, an_id(2))]
    assert shape(tree(events)) == [(1, 0), (2, 0), (3, 1)]


def test_two_events_that_name_each_other_are_both_shown() -> None:
    assert shape(tree([an_event(1, an_id(2)), an_event(2, an_id(1))])) == [(1, 0), (2, 1)]


def test_an_id_in_capital_letters_is_the_same_id() -> None:
    events = [an_event(0xABC), an_event(0xABD, an_id(0xABC).upper())]
    assert [step.depth for step in tree(events)] == [0, 1]


@pytest.mark.parametrize("metadata", [b"", b"null", b"[1]", b"\xff", b'"x"', b"[" * 100_000])
def test_metadata_that_is_not_ours_makes_a_root_by_an_unknown_actor(metadata: bytes) -> None:
    foreign = Recorded("account-a", 0, 50, an_id(9), "MoneyDeposited", b"{}", metadata, 0)
    steps = tree([foreign, an_event(1, an_id(9))])
    assert [step.depth for step in steps] == [0, 1]
    assert steps[0].origin.actor == UNKNOWN_ACTOR


def test_a_chain_may_be_longer_than_python_calls_nest() -> None:
    steps = tree(an_event(number, an_id(number - 1)) for number in range(1, 5_000))
    assert [step.depth for step in steps] == list(range(4_999))


def test_no_events_are_no_tree() -> None:
    assert tree([]) == ()


@given(st.lists(st.integers(0, 12), max_size=12))
def test_every_event_is_shown_once_and_below_its_cause(causes: list[int]) -> None:
    events = [an_event(number, an_id(cause)) for number, cause in enumerate(causes, 1)]
    steps = tree(events)
    assert sorted(shape(steps)) == sorted(
        (number, steps[index].depth) for index, (number, _) in enumerate(shape(steps))
    )
    assert sorted(step.recorded.position for step in steps) == [event.position for event in events]
    depths = {step.recorded.event_id: step.depth for step in steps}
    for step in steps:
        for child in step.children:
            assert depths[child] == step.depth + 1
    assert sum(step.depth == 0 for step in steps) + sum(len(step.children) for step in steps) == len(steps)


def test_the_amount_of_every_kind_of_event() -> None:
    journal = Journal()
    journal.open("a")
    every_kind_of_event(journal, "a")
    amounts = {each.type: money_of(each) for each in journal.all if each.stream == "account-a"}
    assert amounts["MoneyDeposited"] == Money(700, "CZK", changed=True)
    assert amounts["AccountCreated"] is amounts["AccountFrozen"] is None
    held, withdrawn = amounts["HoldPlaced"], amounts["MoneyWithdrawn"]
    assert held is not None
    assert withdrawn is not None
    assert (held.changed, withdrawn.changed, withdrawn.units < 0) == (False, True, True)


def test_an_event_that_cannot_be_read_has_no_amount() -> None:
    journal = Journal()
    journal.give(CreateAccount(account_id=AccountId("a"), command_id=UUID(int=1), currency="CZK"))
    journal.scribble("account-a")
    assert money_of(journal.all[-1]) is None
