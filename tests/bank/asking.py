"""From a request of the plain model to the command that a client gives."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, assert_never
from uuid import UUID, uuid5

from domain.accounts import (
    AccountCommand,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    ExpireHold,
    FreezeAccount,
    PlaceHold,
    RecordEntry,
    ReleaseHold,
    ReverseEntry,
    SetOverdraftLimit,
    UnfreezeAccount,
    Withdraw,
)
from domain.identifiers import AccountId
from domain.money import Amount
from tests.bank.model import Ask
from tests.kit.accounts import an_id

BEGINNING: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)


def time_at(minute: int) -> datetime:
    return BEGINNING + timedelta(minutes=minute)


def made_by(number: int | None, account_id: str) -> UUID:
    """The id of the entry or hold that command `number` made on the account."""
    return uuid5(an_id(number or 0), account_id)


def command_of(ask: Ask, minute: int) -> AccountCommand:
    """`ask`, given at `minute`."""
    common: dict[str, Any] = {"account_id": AccountId(ask.account), "command_id": an_id(ask.id)}
    amount = None if ask.amount is None else Amount(ask.amount, 2)
    made, at = made_by(ask.of, ask.account), time_at(minute)
    today = at.date()
    match ask.what:
        case "create":
            assert ask.currency is not None
            return CreateAccount(**common, currency=ask.currency)
        case "deposit" | "withdraw" | "record":
            return _entry(ask, common, today)
        case "reverse":
            return ReverseEntry(**common, entry_id=made, booked_on=today)
        case "place":
            assert amount is not None
            ends = None if ask.ends is None else time_at(ask.ends)
            return PlaceHold(**common, amount=amount, at=at, expires=ends)
        case "capture":
            return CaptureHold(**common, hold_id=made, amount=amount, at=at, booked_on=today)
        case "release":
            return ReleaseHold(**common, hold_id=made)
        case "expire":
            return ExpireHold(**common, hold_id=made, at=at)
        case "freeze":
            return FreezeAccount(**common)
        case "unfreeze":
            return UnfreezeAccount(**common)
        case "close":
            return CloseAccount(**common)
        case "limit":
            assert amount is not None
            return SetOverdraftLimit(**common, limit=amount)
        case _:
            assert_never(ask.what)


def _entry(ask: Ask, common: dict[str, Any], today: date) -> Deposit | Withdraw | RecordEntry:
    assert ask.amount is not None
    common = {**common, "booked_on": today, "note": ask.note}
    if ask.what == "record":
        return RecordEntry(**common, amount=ask.amount, currency=ask.currency or "CZK")
    common = {**common, "amount": Amount(ask.amount, 2), "currency": ask.currency}
    return Withdraw(**common) if ask.what == "withdraw" else Deposit(**common, opens_in="CZK")
