"""The transactions of the demo's accounts, month after month: a pure function of the seed.

The first months are the history that the demo opens with: they are booked at once, with value dates in the past. Each
later month takes about five minutes and is booked for the day on which it is played.

No month needs the months before it, because the balances at the end of a month depend only on the seed and the month's
number. So a story can be continued from any month, and balances stay plausible however long it is played.
"""

from calendar import month_name, monthrange
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, count
from random import Random
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from app.demo.cast import FAVOURS, PAYMENTS, WISHES, Cast, Party, Person, cast_of
from commands.transfers import Order
from domain.accounts import AccountCommand, CreateAccount, Deposit, Withdraw
from domain.identifiers import AccountId
from domain.money import Amount, exponent

PAST: Final = 3
"""Months of history. The first of them opens the accounts."""

REFUSALS: Final = 3
"""How many withdrawals are refused in a month."""

_NAMESPACE: Final = UUID("6a4bb7a1-6a2e-5d0c-9a43-0c1f4e7d3b52")
_AT_ONCE: Final = 0.2


class Request(NamedTuple):
    """For a transfer."""

    command_id: UUID
    order: Order


class Step(NamedTuple):
    """`after`: seconds after the previous step. A command without a value date counts for the day it is played."""

    after: float
    command: AccountCommand | Request


class _Posting(NamedTuple):
    """`amount` has a sign. With `to` it is a transfer, whose credit the process manager books."""

    party: Party
    amount: int
    note: str
    after: float = _AT_ONCE
    to: Party | None = None


def story(seed: int, start: date, *, since: int = 0) -> Iterator[Step]:
    """The steps from month `since` on, without end. The months of history are those before the month of `start`."""
    return chain.from_iterable(month(seed, start, number) for number in count(since))


def month(seed: int, start: date, number: int) -> Iterator[Step]:
    """Its first step is a command on the same account in every month, which no rule refuses."""
    cast = cast_of(seed)
    postings = _postings(cast, seed, number, month_name[(start.month - 1 + number - PAST) % 12 + 1])
    ids = (uuid5(_NAMESPACE, f"{seed}/{number}/{n}") for n in count())
    if number == 0:
        yield from (Step(0, command) for command in _openings(cast, ids))
    for posting, day, each in zip(postings, _value_dates(start, number, len(postings)), ids, strict=False):
        yield Step(posting.after if number >= PAST else 0, _command(posting, each, start, day))


def _openings(cast: Cast, ids: Iterator[UUID]) -> Iterator[CreateAccount]:
    for party, each in zip(cast.parties, ids, strict=False):
        yield CreateAccount(account_id=party.account_id, command_id=each, currency=party.currency)


def _value_dates(start: date, number: int, length: int) -> Sequence[date | None]:
    """Value dates, spread over a month of the past; None if the month is played."""
    if number >= PAST:
        return [None] * length
    year, before = divmod(start.year * 12 + start.month - 1 + number - PAST, 12)
    first = date(year, before + 1, 1)
    _, days = monthrange(year, before + 1)
    return [first.replace(day=1 + n * days // length) for n in range(length)]


def _command(
    posting: _Posting, command_id: UUID, booked_on: date, value_date: date | None
) -> AccountCommand | Request:
    account_id, currency = posting.party.account_id, posting.party.currency
    amount = Amount(abs(posting.amount), exponent(currency))
    if posting.to is not None:
        order = Order(
            from_account=account_id,
            to_account=posting.to.account_id,
            amount=amount,
            booked_on=booked_on,
            note=posting.note,
        )
        return Request(command_id, order)
    if posting.amount > 0:
        return Deposit(
            account_id=account_id,
            command_id=command_id,
            amount=amount,
            opens_in=currency,
            booked_on=booked_on,
            value_date=value_date,
            note=posting.note,
        )
    return Withdraw(
        account_id=account_id,
        command_id=command_id,
        amount=amount,
        booked_on=booked_on,
        value_date=value_date,
        note=posting.note,
    )


def _postings(cast: Cast, seed: int, number: int, name: str) -> Sequence[_Posting]:
    chance = Random(f"{seed} {number}")
    payday = list(_payday(cast, chance, name))
    moves = [_rent(person, chance, name) for person in cast.people]
    moves += [_payment(cast, person, chance) for person in cast.people for _ in range(PAYMENTS)]
    wishes = [(_wish(person, chance),) for person in chance.sample(cast.people, REFUSALS * (number >= PAST))]
    favours = [(_favour(cast, person, chance),) for person in cast.people if number >= PAST]
    between = chance.sample([*moves, *wishes, *favours], len(moves) + len(wishes) + len(favours))
    ends = list(_month_end(cast, seed, number, [*payday, *chain(*moves, *favours)]))
    return [*payday, *chain(*between), *chance.sample(ends, len(ends))]


def _payday(cast: Cast, chance: Random, name: str) -> Iterator[_Posting]:
    for employer in cast.employers:
        staff = [person for person in cast.people if person.employer == employer]
        earned = sum(person.salary for person in staff) * employer.margin.pick(chance) // 100
        yield _Posting(employer.party, earned, employer.earns)
        for person in staff:
            yield from _move(employer.party, person.party, person.salary, f"Salary {name}")


def _rent(person: Person, chance: Random, name: str) -> Sequence[_Posting]:
    return _move(person.party, person.landlord.party, person.rent, f"Rent {name}", _pause(chance))


def _payment(cast: Cast, person: Person, chance: Random) -> Sequence[_Posting]:
    shop = chance.choice([shop for shop in cast.shops if shop.party.currency == person.party.currency])
    note, price = chance.choice([*shop.sells.items()])
    return _move(person.party, shop.party, price.pick(chance), note, _pause(chance))


def _wish(person: Person, chance: Random) -> _Posting:
    note, price = chance.choice([*WISHES[person.party.currency].items()])
    return _Posting(person.party, -price.pick(chance), note, _pause(chance))


def _favour(cast: Cast, person: Person, chance: Random) -> _Posting:
    currency = person.party.currency
    others = [each for each in cast.people if each.party.currency == currency and each != person]
    note, amount = chance.choice([*FAVOURS[currency].items()])
    return _Posting(person.party, -amount.pick(chance), note, _pause(chance), to=chance.choice(others).party)


def _move(
    payer: Party, payee: Party, amount: int, note: str, after: float = _AT_ONCE
) -> tuple[_Posting, _Posting]:
    """Each side's note names the other."""
    return (
        _Posting(payer, -amount, f"{note}, {payee.account_id}", after),
        _Posting(payee, amount, f"{note}, {payer.account_id}"),
    )


def _month_end(cast: Cast, seed: int, number: int, booked: Sequence[_Posting]) -> Iterator[_Posting]:
    """The entries that bring each account from its balance to its balance at the end of the month."""
    chance = Random(f"{seed} {number} end")
    balances = Counter(_kept(cast, seed, number - 1))
    for posting in booked:
        balances[posting.party.account_id] += posting.amount
        if posting.to is not None:
            balances[posting.to.account_id] -= posting.amount
    for party, kept in zip(cast.parties, _kept(cast, seed, number).values(), strict=True):
        amount = kept - balances[party.account_id]
        if amount:
            yield _Posting(party, amount, party.shortage if amount > 0 else party.surplus, _pause(chance))


def _kept(cast: Cast, seed: int, number: int) -> Mapping[AccountId, int]:
    """The balance of each account at the end of month `number`."""
    chance = Random(f"{seed} {number} kept")
    return {party.account_id: party.keeps.pick(chance) if number >= 0 else 0 for party in cast.parties}


def _pause(chance: Random) -> float:
    return round(chance.uniform(0.5, 3), 2)
