"""What the next event of an account depends on, and whether an event can be that one.

This is the one rule for both sides: `evolve` applies it before a command is decided, the read side before an event is
shown.
"""

from datetime import datetime
from typing import Literal, assert_never, final
from uuid import UUID

import msgspec

from domain import messages
from domain.accounts.events import (
    AccountClosed,
    AccountCreated,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    Entry,
    EntryReversed,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    StandingEvent,
    TransferDeclined,
    change,
)
from domain.errors import ImpossibleHistory
from domain.identifiers import UserId

State = Literal["open", "frozen", "closed"]


@final
class Hold(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`amount` is in minor units; `expires` is in UTC. Fields are only ever added at the end."""

    amount: int
    expires: datetime | None = None


@final
class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An account that was opened. Money is in minor units of `currency`; `held` is the sum of `holds`, by hold id.

    Fields are only ever added at the end.
    """

    currency: str
    balance: int = 0
    state: State = "open"
    holder: UserId | None = None
    overdraft: int = 0
    held: int = 0
    holds: dict[UUID, Hold] = {}

    @property
    def available(self) -> int:
        """What can be withdrawn, held or transferred."""
        return self.balance - self.held + self.overdraft


def follow(standing: Standing | None, event: AccountEvent) -> Standing:
    """The standing after `event`. None: the account was never opened.

    Raises ImpossibleHistory if no decision could have led to `event` here. Whether a reversal fits the entry that it
    undoes is not checked: that would need every entry of the account.
    """
    if type(event) is AccountCreated:
        return _opened(standing, event)
    if standing is None:
        raise ImpossibleHistory(messages.NOT_OPENED_BEFORE)
    if event.currency != standing.currency:
        raise ImpossibleHistory(messages.other_currency_than(event.currency, standing.currency))
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return _booked(standing, event, "open", "frozen")
    if type(event) is EntryReversed or type(event) is MoneySent or type(event) is MoneyReceived:
        return _booked(standing, event, "open")
    if type(event) is MoneyReturned:
        return _returned(standing, event)
    if type(event) is HoldCaptured:
        return _captured(standing, event)
    if type(event) is HoldPlaced:
        return _held(standing, event)
    if type(event) is HoldReleased or type(event) is HoldExpired:
        return _released(standing, event)
    if type(event) is TransferDeclined:
        _check_balance(standing, event.balance, 0)
        return standing
    return _changed(standing, event)


def _changed(standing: Standing, event: StandingEvent) -> Standing:
    _check_balance(standing, event.balance, 0)
    match event:
        case AccountFrozen():
            _check_state(standing, "open")
            return _with(standing, state="frozen")
        case AccountUnfrozen():
            _check_state(standing, "frozen")
            return _with(standing, state="open")
        case AccountClosed():
            _check_state(standing, "open")
            if standing.balance or standing.holds:
                raise ImpossibleHistory(messages.CLOSED_WITH_MONEY)
            return _with(standing, state="closed")
        case OverdraftLimitChanged():
            _check_state(standing, "open", "frozen")
            return _with(standing, overdraft=event.limit)
        case _:
            assert_never(event)


def _opened(standing: Standing | None, event: AccountCreated) -> Standing:
    if standing is not None:
        raise ImpossibleHistory(messages.OPEN_ALREADY)
    return Standing(event.currency, holder=event.holder)


def _booked(standing: Standing, entry: Entry, *states: State) -> Standing:
    _check_state(standing, *states)
    _check_balance(standing, entry.balance, change(entry))
    return Standing(
        standing.currency,
        entry.balance,
        standing.state,
        standing.holder,
        standing.overdraft,
        standing.held,
        standing.holds,
    )


def _returned(standing: Standing, event: MoneyReturned) -> Standing:
    booked = _booked(standing, event, "open", "frozen", "closed")
    return _with(booked, state="frozen") if standing.state == "closed" else booked


def _held(standing: Standing, event: HoldPlaced) -> Standing:
    _check_state(standing, "open")
    if event.hold_id in standing.holds:
        raise ImpossibleHistory(messages.HELD_ALREADY)
    holds = {**standing.holds, event.hold_id: Hold(event.amount, event.expires)}
    return _with_holds(standing, event, holds, event.balance)


def _captured(standing: Standing, event: HoldCaptured) -> Standing:
    hold = standing.holds.get(event.hold_id)
    if hold is None or event.hold_amount != hold.amount or event.amount > hold.amount:
        raise ImpossibleHistory(messages.NOT_HELD_BEFORE)
    return _with_holds(
        _booked(standing, event, "open"), event, _without(standing, event.hold_id), event.balance
    )


def _released(standing: Standing, event: HoldReleased | HoldExpired) -> Standing:
    hold = standing.holds.get(event.hold_id)
    if hold is None or event.amount != hold.amount:
        raise ImpossibleHistory(messages.NOT_HELD_BEFORE)
    return _with_holds(standing, event, _without(standing, event.hold_id), event.balance)


def _with_holds(
    standing: Standing,
    event: HoldPlaced | HoldCaptured | HoldReleased | HoldExpired,
    holds: dict[UUID, Hold],
    balance: int,
) -> Standing:
    """`event` has to state what is held after it, and the overdraft limit."""
    _check_balance(standing, balance, 0)
    held = sum(hold.amount for hold in holds.values())
    if (event.held, event.overdraft) != (held, standing.overdraft):
        raise ImpossibleHistory(messages.states_wrong_held(event.held, held))
    return _with(standing, held=held, holds=holds)


def _without(standing: Standing, hold_id: UUID) -> dict[UUID, Hold]:
    return {other: hold for other, hold in standing.holds.items() if other != hold_id}


def _with(standing: Standing, **changed: object) -> Standing:
    return msgspec.structs.replace(standing, **changed)


def _check_state(standing: Standing, *states: State) -> None:
    if standing.state not in states:
        raise ImpossibleHistory(messages.account_was(standing.state))


def _check_balance(standing: Standing, stated: int, added: int) -> None:
    if stated != standing.balance + added:
        raise ImpossibleHistory(messages.states_wrong_balance(stated, standing.balance))
