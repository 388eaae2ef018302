"""From an account's event back to the commands that it can have come from."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from app.specs.neutral import Made, account_id, effect
from domain.accounts import (
    Account,
    AccountClosed,
    AccountCommand,
    AccountCreated,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    Entry,
    EntryReversed,
    ExpireHold,
    FreezeAccount,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    Leg,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    PlaceHold,
    ReceiveMoney,
    RecordEntry,
    ReleaseHold,
    ReturnMoney,
    ReverseEntry,
    SendMoney,
    SetOverdraftLimit,
    TransferDeclined,
    UnfreezeAccount,
    Unopened,
    Withdraw,
    change,
)
from domain.decider import Event
from domain.money import Amount, exponent

_ALWAYS = datetime.fromisoformat("2026-01-05T12:00:00Z")
"""When nothing depends on the time of the command."""


def commands_of(
    command_id: UUID, after: Sequence[AccountEvent], before: Sequence[AccountEvent], state: Account
) -> tuple[AccountCommand, ...]:
    """`after` is what the command led to; it came after `before`, on `state`. The likeliest is first."""
    event = after[-1]
    common: dict[str, Any] = {"account_id": event.account_id, "command_id": command_id}
    match event:
        case AccountCreated():
            return (CreateAccount(**common, currency=event.currency, holder=event.holder),)
        case MoneyDeposited() | MoneyWithdrawn():
            return _entries(event, common)
        case EntryReversed():
            undone = next((e for e in before if isinstance(e, Entry) and e.entry_id == event.reverses), None)
            day = event.value_date
            return (ReverseEntry(**common, entry_id=event.reverses, entry=undone, booked_on=day),)
        case HoldPlaced():
            at = _before(event.expires)
            placed = PlaceHold(
                **common, amount=_amount(event.amount, event.currency), at=at, expires=event.expires
            )
            return (placed,)
        case HoldCaptured():
            part = None if event.amount == event.hold_amount else _amount(event.amount, event.currency)
            at = _before(_end(state, event.hold_id))
            return (
                CaptureHold(**common, hold_id=event.hold_id, amount=part, at=at, booked_on=event.value_date),
            )
        case HoldReleased():
            return (ReleaseHold(**common, hold_id=event.hold_id),)
        case HoldExpired():
            return (ExpireHold(**common, hold_id=event.hold_id, at=_end(state, event.hold_id) or _ALWAYS),)
        case AccountFrozen():
            return (FreezeAccount(**common),)
        case AccountUnfrozen():
            return (UnfreezeAccount(**common),)
        case AccountClosed():
            return (CloseAccount(**common),)
        case MoneySent():
            return (SendMoney(**_leg(event, common)),)
        case MoneyReceived():
            return (ReceiveMoney(**_leg(event, common)),)
        case MoneyReturned():
            return (ReturnMoney(**_leg(event, common)),)
        case TransferDeclined():
            return _declined(event, common)
        case OverdraftLimitChanged():
            return (SetOverdraftLimit(**common, limit=_amount(event.limit, event.currency)),)
        case _:
            assert_never(event)


def made_id(event: Event, _field: str, number: int) -> Made:
    """The effect of an account's part in a transfer has an id of its own kind."""
    own_id = account_id(1)
    return effect(number, f"transfer {own_id}" if isinstance(event, Leg | TransferDeclined) else own_id)


def _entries(event: MoneyDeposited | MoneyWithdrawn, common: dict[str, Any]) -> tuple[AccountCommand, ...]:
    """A line of a bank's statement is booked where a teller's entry would be refused."""
    common |= {"note": event.note, "reference": event.reference, "currency": event.currency}
    common |= {"booked_on": event.value_date}
    amount, line = _amount(event.amount, event.currency), RecordEntry(**common, amount=change(event))
    if isinstance(event, MoneyWithdrawn):
        return Withdraw(**common, amount=amount), line
    return Deposit(**common, amount=amount, opens_in=event.currency), line


def _leg(event: Leg, common: dict[str, Any]) -> dict[str, Any]:
    names = ("transfer_id", "other", "amount", "currency", "value_date", "note", "reference")
    return common | {name: getattr(event, name) for name in names}


def _declined(event: TransferDeclined, common: dict[str, Any]) -> tuple[AccountCommand, ...]:
    """It may have been declined before the account was asked. The day of the entry is not known."""
    leg: dict[str, Any] = common | {
        "transfer_id": event.transfer_id,
        "other": event.other,
        "amount": event.amount,
        "currency": event.amount_currency,
        "value_date": _ALWAYS.date(),
    }
    if event.direction == "in":
        return (ReceiveMoney(**leg),)
    return SendMoney(**leg), SendMoney(**leg, declined=event.reason)


def _capture(event: HoldCaptured, common: dict[str, Any], end: datetime | None) -> CaptureHold:
    part = None if event.amount == event.hold_amount else _amount(event.amount, event.currency)
    day = event.value_date
    return CaptureHold(**common, hold_id=event.hold_id, amount=part, at=_before(end), booked_on=day)


def _amount(minor: int, currency: str) -> Amount:
    return Amount(minor, exponent(currency))


def _end(state: Account, hold_id: UUID) -> datetime | None:
    holds = {} if isinstance(state, Unopened) else state.standing.holds
    return holds[hold_id].expires if hold_id in holds else None


def _before(end: datetime | None) -> datetime:
    return _ALWAYS if end is None else end - timedelta(minutes=1)
