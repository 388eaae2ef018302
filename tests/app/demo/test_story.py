"""The story of the demo: its rules."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, islice
from uuid import uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.cast import EMPLOYERS, FAVOURS, KEEPS, LANDLORDS, PAYMENTS, PEOPLE, SHOPS, WISHES, cast_of
from app.demo.story import PAST, REFUSALS, Request, Step, month, story
from domain.accounts import (
    ACCOUNTS,
    Account,
    AccountCommand,
    CreateAccount,
    Deposit,
    InsufficientFunds,
    Open,
    Withdraw,
)
from domain.accounts.commands import EntryCommand
from domain.decider import fold
from domain.identifiers import AccountId, parse_account_id

START = date(2026, 2, 14)
WISHED = {note for wishes in WISHES.values() for note in wishes}

seeds = st.integers()
few = settings(max_examples=5, deadline=None)


def months(seed: int, *numbers: int) -> list[Step]:
    return [step for number in numbers for step in month(seed, START, number)]


def entries(steps: Iterable[Step]) -> list[EntryCommand]:
    return [step.command for step in steps if isinstance(step.command, EntryCommand)]


def played(steps: Iterable[Step]) -> tuple[dict[AccountId, Account], list[AccountCommand]]:
    """The states after the steps, and the commands that were refused because funds were missing."""
    states: dict[AccountId, Account] = {}
    refused = []
    for command in chain.from_iterable(_commands(step.command) for step in steps):
        state = states.get(command.account_id, ACCOUNTS.initial)
        try:
            states[command.account_id] = fold(ACCOUNTS, ACCOUNTS.decide(command, state), state)
        except InsufficientFunds:
            refused.append(command)
    return states, refused


def _commands(command: AccountCommand | Request) -> Sequence[AccountCommand]:
    """A transfer that arrives at once."""
    if not isinstance(command, Request):
        return [command]
    order, ids = command.order, [uuid5(command.command_id, end) for end in ("out", "in")]
    payer = Withdraw(
        account_id=order.from_account, command_id=ids[0], amount=order.amount, booked_on=order.booked_on
    )
    payee = Deposit(
        account_id=order.to_account,
        command_id=ids[1],
        amount=order.amount,
        opens_in="CZK",
        booked_on=order.booked_on,
    )
    return [payer, payee]


# A pure function of the seed.


@given(seeds, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
@few
def test_the_same_seed_tells_the_same_story(seed: int, start: date) -> None:
    assert list(islice(story(seed, start), 1500)) == list(islice(story(seed, start), 1500))


@given(seeds, seeds)
@few
def test_another_seed_tells_another_story(one: int, other: int) -> None:
    assert (months(one, PAST) == months(other, PAST)) == (one == other)


@given(seeds)
@few
def test_another_day_changes_only_dates_and_the_names_of_months(seed: int) -> None:
    def _what(command: AccountCommand | Request) -> tuple[object, ...]:
        if isinstance(command, Request):
            return command.order.from_account, command.order.to_account, command.order.amount
        return command.account_id, getattr(command, "amount", None)

    def dated(start: date) -> list[tuple[object, ...]]:
        steps = islice(story(seed, start), 1500)
        return [(after, c.command_id, *_what(c)) for after, c in steps]

    assert dated(START) == dated(date(2027, 11, 30))


@given(seeds, st.integers(0, 20))
@few
def test_a_story_can_be_continued_from_any_month(seed: int, since: int) -> None:
    before = len(months(seed, *range(since)))
    assert list(islice(story(seed, START), before, before + 300)) == list(
        islice(story(seed, START, since=since), 300)
    )


@given(seeds)
@few
def test_every_command_has_an_id_of_its_own(seed: int) -> None:
    ids = [step.command.command_id for step in months(seed, *range(8))]
    assert len(set(ids)) == len(ids)
    assert {each.version for each in ids} == {5}


@given(seeds, st.integers(0, 10**5))
@few
def test_every_month_begins_on_the_same_account(seed: int, number: int) -> None:
    command = next(month(seed, START, number)).command
    assert not isinstance(command, Request)
    assert command.account_id == EMPLOYERS[0].party.account_id


# The rules of accounts.


@given(seeds)
@few
def test_only_wishes_are_refused_and_all_of_them(seed: int) -> None:
    steps = months(seed, *range(PAST + 3))
    _, refused = played(steps)
    assert refused == [entry for entry in entries(steps) if entry.note in WISHED]
    assert len(refused) == 3 * REFUSALS


@given(seeds)
@few
def test_every_month_leaves_plausible_balances(seed: int) -> None:
    states, _ = played(months(seed, *range(6)))
    for party in cast_of(seed).parties:
        state = states[party.account_id]
        assert isinstance(state, Open)
        assert state.standing.currency == party.currency
        assert party.keeps.lowest <= state.standing.balance <= party.keeps.highest


@pytest.mark.parametrize("currency", WISHES)
def test_the_tables_follow_their_rules(currency: str) -> None:
    salaries = [each.salaries for each in EMPLOYERS if each.party.currency == currency]
    rents = [each.rents.highest for each in LANDLORDS if each.party.currency == currency]
    prices = [price for each in SHOPS if each.party.currency == currency for price in each.sells.values()]
    wishes = WISHES[currency].values()
    dearest = max(price.highest for price in prices)
    assert min(salary.lowest for salary in salaries) >= max(rents) + PAYMENTS * dearest
    favour = max(amount.highest for amount in FAVOURS[currency].values())
    assert KEEPS[currency].lowest >= favour
    most = KEEPS[currency].highest + max(salary.highest for salary in salaries) + (PEOPLE - 1) * favour
    assert min(wish.lowest for wish in wishes) > most


# Plausibility.


@given(seeds)
@few
def test_people_transfer_money_to_each_other_in_the_months_to_watch(seed: int) -> None:
    requests = [step.command for step in months(seed, PAST) if isinstance(step.command, Request)]
    people = {person.party.account_id: person.party.currency for person in cast_of(seed).people}
    assert sorted(each.order.from_account for each in requests) == sorted(people)
    for each in requests:
        assert each.order.from_account != each.order.to_account
        assert people[each.order.from_account] == people[each.order.to_account]
    assert not [step for step in months(seed, *range(PAST)) if isinstance(step.command, Request)]


@given(seeds)
@few
def test_it_opens_with_months_of_history_booked_at_once(seed: int) -> None:
    steps = months(seed, *range(PAST))
    assert sum(step.after for step in steps) == 0
    dates = [entry.value_date for entry in entries(steps)]
    assert dates == sorted(dates, key=str)
    assert Counter(day and (day.year, day.month) for day in dates).keys() == {
        (2025, 11),
        (2025, 12),
        (2026, 1),
    }
    assert 500 < len(dates) < 1000
    assert len([step for step in steps if isinstance(step.command, CreateAccount)]) == 26


@given(seeds)
@few
def test_a_month_to_watch_is_steady_with_a_burst_at_payday(seed: int) -> None:
    steps = months(seed, PAST)
    assert 200 < sum(step.after for step in steps) < 400
    assert all(0.1 <= step.after <= 3 for step in steps)
    assert sum(step.after for step in steps[:30]) < 10
    assert all("Salary February" in entry.note for entry in entries(steps)[1:8])
    assert {entry.value_date for entry in entries(steps)} == {None}


@given(seeds)
@few
def test_accounts_are_credible_and_in_several_currencies(seed: int) -> None:
    parties = cast_of(seed).parties
    assert len({parse_account_id(party.account_id) for party in parties}) == 26
    currencies = Counter(party.currency for party in parties)
    assert currencies["CZK"] > currencies["EUR"] > 3
