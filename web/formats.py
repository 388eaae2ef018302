"""How figures, times and names are written on pages. Jinja filters."""

from datetime import UTC, datetime
from typing import Final

from domain.money import exponent, format_amount
from projections.models import AccountRow

THIN_SPACE: Final = "\u2009"
MINUS: Final = "\u2212"
TICKS_PER_SECOND: Final = 10_000_000
LOW_UNITS: Final = 1_000
"""An account that holds less than this many whole units of its currency is marked as low."""

_KINDS: Final = {
    "AccountCreated": ("Account", "opened"),
    "MoneyDeposited": ("Deposit to", ""),
    "MoneyWithdrawn": ("Withdrawal from", ""),
}
_ENTRIES: Final = {"MoneyDeposited": "Deposit", "MoneyWithdrawn": "Withdrawal"}


def money(minor: int, currency: str) -> str:
    """`-123456` CZK -> `−1 234.56`, grouped by thin spaces."""
    sign = MINUS if minor < 0 else ""
    whole, point, fraction = format_amount(abs(minor), currency).partition(".")
    return sign + grouped(int(whole)) + point + fraction


def signed(minor: int, currency: str) -> str:
    """As `money`, with a sign for credits too."""
    return ("+" if minor > 0 else "") + money(minor, currency)


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", THIN_SPACE)


def moment(ticks: int) -> datetime:
    """100 ns ticks since 1970 (UTC) -> a time."""
    return datetime.fromtimestamp(ticks / TICKS_PER_SECOND, UTC)


def machine_time(ticks: int) -> str:
    """RFC 3339, milliseconds, for `<time datetime>` and the API."""
    return moment(ticks).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(ticks: int) -> str:
    return f"{moment(ticks):%H:%M:%S}"


def booked(ticks: int) -> str:
    return f"{moment(ticks):%Y-%m-%d %H:%M}"


def kind(type_: str) -> tuple[str, str]:
    """What a feed item says before and after the account's id."""
    return _KINDS.get(type_, (type_ + " on", ""))


def entry_kind(type_: str) -> str:
    return _ENTRIES.get(type_, type_)


def is_low(row: AccountRow) -> bool:
    return row.balance < LOW_UNITS * int(10 ** exponent(row.currency))


FILTERS: Final = {
    "money": money,
    "signed": signed,
    "decimal": format_amount,
    "grouped": grouped,
    "machine_time": machine_time,
    "clock": clock,
    "booked": booked,
    "kind": kind,
    "entry_kind": entry_kind,
}
