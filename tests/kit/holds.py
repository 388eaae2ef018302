"""Short forms for holds on account "a" in CZK. See tests.kit.accounts. Times are minutes after NOON."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.accounts import (
    CaptureHold,
    ExpireHold,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    PlaceHold,
    ReleaseHold,
)
from domain.money import Amount
from tests.kit.accounts import ACCOUNT, DAY, an_id, entry_id

NOON: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def place(number: int, amount: int, *, ends: int | None = None, at: int = 0) -> PlaceHold:
    expires = None if ends is None else after(ends)
    return PlaceHold(
        account_id=ACCOUNT, command_id=an_id(number), amount=Amount(amount, 2), at=after(at), expires=expires
    )


def capture(number: int, hold: int, amount: int | None = None, *, at: int = 0) -> CaptureHold:
    return CaptureHold(
        account_id=ACCOUNT,
        command_id=an_id(number),
        hold_id=entry_id(hold),
        amount=None if amount is None else Amount(amount, 2),
        at=after(at),
        booked_on=DAY,
    )


def release(number: int, hold: int) -> ReleaseHold:
    return ReleaseHold(account_id=ACCOUNT, command_id=an_id(number), hold_id=entry_id(hold))


def expire(number: int, hold: int, *, at: int) -> ExpireHold:
    return ExpireHold(account_id=ACCOUNT, command_id=an_id(number), hold_id=entry_id(hold), at=after(at))


def placed(
    number: int, amount: int, *, balance: int, held: int, overdraft: int = 0, ends: int | None = None
) -> HoldPlaced:
    expires = None if ends is None else after(ends)
    return HoldPlaced(amount=amount, expires=expires, **_stated(number, balance, held, overdraft))


def captured(
    number: int, hold: int, amount: int, *, of: int, balance: int, held: int = 0, overdraft: int = 0
) -> HoldCaptured:
    return HoldCaptured(
        entry_id=entry_id(number),
        amount=amount,
        hold_amount=of,
        value_date=DAY,
        **_stated(hold, balance, held, overdraft),
    )


def released(number: int, hold: int, amount: int, *, balance: int, held: int = 0) -> HoldReleased:
    return HoldReleased(effect_id=entry_id(number), amount=amount, **_stated(hold, balance, held, 0))


def expired(number: int, hold: int, amount: int, *, balance: int, held: int = 0) -> HoldExpired:
    return HoldExpired(effect_id=entry_id(number), amount=amount, **_stated(hold, balance, held, 0))


def _stated(hold: int, balance: int, held: int, overdraft: int) -> dict[str, Any]:
    return {
        "account_id": ACCOUNT,
        "currency": "CZK",
        "hold_id": entry_id(hold),
        "balance": balance,
        "held": held,
        "overdraft": overdraft,
    }
