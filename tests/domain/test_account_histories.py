"""Rules that hold for every history, whatever its commands."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import messages
from domain.accounts import (
    ACCOUNTS,
    Account,
    AccountCommand,
    AccountCreated,
    AccountEvent,
    Existing,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    Open,
    Unopened,
    Withdraw,
    decide,
    evolve,
    follow,
    moved,
)
from domain.decider import fold as fold_from
from domain.errors import CommandTooOld, DomainError, ImpossibleHistory, InvalidUserId, UnknownCurrency
from domain.idempotency import WINDOW, Effects
from domain.money import LIMIT
from tests.kit.accounts import create, deposit, deposited, entry_id, opened, record, withdraw, withdrawn
from tests.kit.holds import capture, captured, expire, place, placed, release, released
from tests.kit.lifecycle import close, closed, freeze, frozen, set_limit, unfreeze, unfrozen
from tests.kit.spec import fold

_numbers = st.integers(0, 12)
_amounts = st.one_of(st.integers(-3, 500), st.sampled_from([LIMIT - 1, LIMIT]))
_commands = st.one_of(
    st.builds(place, _numbers, st.integers(1, 300), ends=st.sampled_from([None, 10])),
    st.builds(capture, _numbers, _numbers, st.one_of(st.none(), st.integers(1, 300))),
    st.builds(release, _numbers, _numbers),
    st.builds(expire, _numbers, _numbers, at=st.integers(9, 10)),
    st.builds(set_limit, _numbers, st.integers(0, 300)),
    st.one_of(st.builds(freeze, _numbers), st.builds(unfreeze, _numbers), st.builds(close, _numbers)),
    st.builds(create, _numbers, currency=st.sampled_from(["CZK", "EUR"])),
    st.builds(deposit, _numbers, _amounts, currency=st.sampled_from(["CZK", "CZK", "CZK", "EUR"])),
    st.builds(withdraw, _numbers, _amounts),
    st.builds(record, _numbers, st.one_of(_amounts, _amounts.map(lambda amount: -amount))),
)
_scripts = st.lists(_commands, max_size=40)


def _run(commands: Iterable[AccountCommand]) -> tuple[Account, Sequence[AccountEvent]]:
    """The state after `commands`, without the refused ones, and all events."""
    state: Account = ACCOUNTS.initial
    happened: list[AccountEvent] = []
    for command in commands:
        try:
            events = decide(command, state)
        except DomainError:
            continue
        for event in events:
            state = evolve(state, event)
        happened += events
    return state, happened


@given(_scripts)
def test_the_balance_is_the_sum_of_the_entries(commands: list[AccountCommand]) -> None:
    state, happened = _run(commands)
    total = sum(moved(event) or 0 for event in happened)
    assert total == (0 if isinstance(state, Unopened) else state.standing.balance)


@given(_scripts)
def test_what_is_held_is_the_sum_of_the_holds_that_have_not_ended(commands: list[AccountCommand]) -> None:
    state, happened = _run(commands)
    holds: dict[UUID, int] = {}
    for event in happened:
        if isinstance(event, HoldPlaced):
            holds[event.hold_id] = event.amount
        elif isinstance(event, HoldCaptured | HoldReleased | HoldExpired):
            del holds[event.hold_id]
    assert sum(holds.values()) == (0 if isinstance(state, Unopened) else state.standing.held)


@given(_scripts)
def test_each_entry_states_the_balance_after_it(commands: list[AccountCommand]) -> None:
    balance = 0
    for event in _run(commands)[1]:
        balance += moved(event) or 0
        assert isinstance(event, AccountCreated) or event.balance == balance


@given(_scripts, st.integers(100, 200), st.integers(1, LIMIT - 1))
def test_no_withdrawal_takes_more_than_what_is_available(
    commands: list[AccountCommand], number: int, amount: int
) -> None:
    """Also if entries that happened elsewhere had overdrawn the account."""
    state, _ = _run(commands)
    try:
        events = decide(withdraw(number, amount), state)
    except DomainError:
        return
    after = evolve(state, events[0])
    assert isinstance(after, Open)
    assert after.standing.available >= 0


@given(_scripts)
def test_what_is_available_falls_below_zero_only_by_entries_from_elsewhere(
    commands: list[AccountCommand],
) -> None:
    state: Account = ACCOUNTS.initial
    for command in commands:
        before = state
        state, _ = _step(command, state)
        if isinstance(command, Withdraw) and isinstance(state, Open) and state != before:
            assert state.standing.available >= 0


def _step(command: AccountCommand, state: Account) -> tuple[Account, Sequence[AccountEvent]]:
    try:
        events = decide(command, state)
    except DomainError:
        return state, ()
    for event in events:
        state = evolve(state, event)
    return state, events


@given(_scripts, _commands, _scripts)
def test_deciding_again_books_nothing_more_however_much_later(
    before: list[AccountCommand], command: AccountCommand, after: list[AccountCommand]
) -> None:
    state, _ = _run(before)
    state, first = _step(command, state)
    for other in after:
        state, _ = _step(other, state)
    again = _step(command, state)[1]
    assert not (first and again)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 700), st.data())
def test_an_id_is_booked_once_at_any_distance(entries: int, data: st.DataObject) -> None:
    state = fold(opened(-1), *(deposited(n, 1, balance=n + 1) for n in range(entries)))
    number = data.draw(st.integers(0, entries))
    try:
        events = decide(deposit(number, 1), state)
    except CommandTooOld:
        assert number < entries - WINDOW
    else:
        assert bool(events) == (number == entries)
    assert bool(decide(record(number, 1), state)) == (number == entries)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 700))
def test_the_window_holds_between_one_and_two_of_its_lengths(entries: int) -> None:
    effects: Effects[AccountEvent] = Effects()
    for n in range(entries):
        effects = effects.adding(entry_id(n), deposited(n, 1, balance=n + 1))
    assert all(entry_id(n) in effects for n in range(entries))
    assert entry_id(entries) not in effects
    assert min(entries, WINDOW) <= len(effects.recent) < 2 * WINDOW
    assert len(effects.recent) + sum(map(len, effects.older.runs)) // 8 == entries


def test_runs_of_older_effects_are_merged_so_that_each_is_at_least_twice_as_long_as_the_next() -> None:
    effects: Effects[int] = Effects()
    for n in range(20 * WINDOW):
        effects = effects.adding(entry_id(n), n)
        lengths = [len(run) // 8 // WINDOW for run in effects.older.runs]
        assert lengths == [2**bit for bit in reversed(range(5)) if sum(lengths) >> bit & 1]


@given(_scripts, st.integers(0, 40))
def test_decided_events_can_be_folded_at_once_or_in_two_parts(
    commands: list[AccountCommand], first: int
) -> None:
    state, happened = _run(commands)
    assert fold(*happened) == state
    assert fold_from(ACCOUNTS, happened[first:], fold(*happened[:first])) == state


_histories = (opened(1), deposited(2, 100, balance=100))
_held = (*_histories, placed(3, 5, balance=100, held=5))


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((deposited(1, 100, balance=100),), messages.NOT_OPENED_BEFORE),
        ((opened(1), opened(2)), messages.OPEN_ALREADY),
        ((opened(1), deposited(2, 100, balance=101)), messages.states_wrong_balance(101, 0)),
        ((opened(1), deposited(2, 100, balance=99)), messages.states_wrong_balance(99, 0)),
        ((opened(1), withdrawn(2, 100, balance=100)), messages.states_wrong_balance(100, 0)),
        ((opened(1), deposited(2, 1, balance=1, currency="EUR")), messages.other_currency_than("EUR", "CZK")),
        ((*_histories, opened(1)), messages.OPEN_ALREADY),
        ((opened(1), closed(2), deposited(3, 1, balance=1)), messages.account_was("closed")),
        ((opened(1), unfrozen(2)), messages.account_was("open")),
        ((opened(1), frozen(2), placed(3, 1, balance=0, held=1)), messages.account_was("frozen")),
        ((*_histories, closed(3)), messages.states_wrong_balance(0, 100)),
        ((opened(1), placed(2, 1, balance=0, held=1), closed(3)), messages.CLOSED_WITH_MONEY),
        ((*_histories, placed(3, 5, balance=100, held=6)), messages.states_wrong_held(6, 5)),
        ((*_histories, *2 * (placed(3, 5, balance=100, held=5),)), messages.HELD_ALREADY),
        ((*_histories, captured(4, 3, 5, of=5, balance=95)), messages.NOT_HELD_BEFORE),
        ((*_histories, released(4, 3, 5, balance=100)), messages.NOT_HELD_BEFORE),
        ((*_held, captured(4, 3, 6, of=5, balance=94)), messages.NOT_HELD_BEFORE),
        ((*_held, released(4, 3, 4, balance=100)), messages.NOT_HELD_BEFORE),
    ],
)
def test_a_history_that_no_decisions_could_have_made_is_refused(
    events: tuple[AccountEvent, ...], reason: str
) -> None:
    with pytest.raises(ImpossibleHistory, match=f"^{re.escape(reason)}$"):
        fold(*events)
    with pytest.raises(ImpossibleHistory, match=f"^{re.escape(reason)}$"):
        reduce(follow, events, None)


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda: opened(1, currency="XXX"), UnknownCurrency),
        (lambda: opened(1, user=""), InvalidUserId),
        (lambda: withdrawn(2, 1, balance=0, currency="czk"), UnknownCurrency),
    ],
)
def test_an_event_that_is_invalid_by_itself_cannot_be_made(
    make: Callable[[], AccountEvent], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: deposited(2, 0, balance=0),
        lambda: deposited(2, -5, balance=-5),
        lambda: deposited(2, LIMIT, balance=1),
        lambda: deposited(2, LIMIT + 1, balance=1),
        lambda: deposited(2, 1, balance=LIMIT),
        lambda: deposited(2, 1, balance=LIMIT + 1),
        lambda: withdrawn(2, 1, balance=-LIMIT - 1),
        lambda: withdrawn(2, 1, balance=-LIMIT),
    ],
)
def test_an_entry_whose_amount_or_balance_is_out_of_range_cannot_be_made(
    make: Callable[[], AccountEvent],
) -> None:
    with pytest.raises(ValueError, match=re.escape(messages.OUT_OF_RANGE)):
        make()


def test_an_entry_that_another_program_booked_twice_counts_twice() -> None:
    """Its effect is in the log twice: both sides show that, and neither knows every id of a long history."""
    twice = fold(*_histories, deposited(2, 100, balance=200))
    assert isinstance(twice, Open)
    assert twice.standing.balance == 200


@given(_scripts)
def test_the_read_side_follows_whatever_was_decided(commands: list[AccountCommand]) -> None:
    state, happened = _run(commands)
    standing = reduce(follow, happened, None)
    assert standing == (None if isinstance(state, Unopened) else state.standing)


@given(_scripts, st.data())
def test_evolve_accepts_nothing_that_decide_could_not_have_written(
    commands: list[AccountCommand], data: st.DataObject
) -> None:
    """An accepted entry with a new id is equal to the entry that recording it would make."""
    state, _ = _run(commands)
    number = data.draw(_numbers)
    balance = 0 if isinstance(state, Unopened) else state.standing.balance
    amount = data.draw(st.integers(-5, 5))
    stated = balance + amount + data.draw(st.sampled_from([0, 0, 1]))
    try:
        event = deposited(number, amount, balance=stated)
        evolve(state, event)
    except (ValueError, ImpossibleHistory):
        return
    if isinstance(state, Existing) and (state.opened_by == event.entry_id or event.entry_id in state.effects):
        return
    assert decide(record(number, amount), state)[-1] == event
