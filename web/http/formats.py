"""Formats of numbers and times on pages and in the API. Jinja filters.

Times are in the log's unit, ticks: TICKS_PER_SECOND of them since 1970 (UTC).
"""

import time
from datetime import UTC, datetime
from typing import Final

from domain.money import format_amount
from eventstore.store import TICKS_PER_SECOND

THIN_SPACE: Final = "\u2009"
MINUS: Final = "\u2212"


def money(minor: int, currency: str) -> str:
    """`-123456` CZK -> `−1 234.56`, grouped by thin spaces."""
    sign = MINUS if minor < 0 else ""
    whole, point, fraction = format_amount(abs(minor), currency).partition(".")
    return sign + grouped(int(whole)) + point + fraction


def signed(minor: int, currency: str) -> str:
    """As `money`, but credits have a sign too."""
    return ("+" if minor > 0 else "") + money(minor, currency)


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", THIN_SPACE)


def now() -> int:
    return time.time_ns() * TICKS_PER_SECOND // 1_000_000_000


def moment(ticks: int) -> datetime:
    return datetime.fromtimestamp(ticks / TICKS_PER_SECOND, UTC)


def machine_time(ticks: int) -> str:
    """RFC 3339, milliseconds, for `<time datetime>` and the API."""
    return rfc3339(moment(ticks))


def rfc3339(time: datetime) -> str:
    """`time` is in UTC."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def clock(ticks: int) -> str:
    return f"{moment(ticks):%H:%M:%S}"


def second(ticks: int) -> str:
    return f"{moment(ticks):%Y-%m-%d %H:%M:%S}"


def booked(ticks: int) -> str:
    return minute(moment(ticks))


def lapse(ticks: int) -> str:
    """A time between two events: `+12 ms`, `+1.23 s`, `+2 min 5 s`, `+3 h 0 min`, `+2 d 1 h`. Clocks may go back."""
    sign, milliseconds = (MINUS if ticks < 0 else "+"), abs(ticks) * 1_000 // TICKS_PER_SECOND
    if milliseconds < 1_000:
        return f"{sign}{milliseconds} ms"
    seconds = milliseconds // 1_000
    if seconds < 60:
        return f"{sign}{seconds}.{milliseconds % 1_000 // 10:02} s"
    unit, below, name, smaller = next(each for each in _UNITS if seconds >= each[0])
    return f"{sign}{seconds // unit} {name} {seconds % unit // below} {smaller}"


_UNITS: Final = ((86_400, 3_600, "d", "h"), (3_600, 60, "h", "min"), (60, 1, "min", "s"))
"""Seconds of a unit and of the one below it, and the names of both."""

FILTERS: Final = {
    "money": money,
    "signed": signed,
    "decimal": format_amount,
    "grouped": grouped,
    "machine_time": machine_time,
    "rfc3339": rfc3339,
    "minute": minute,
    "clock": clock,
    "booked": booked,
    "second": second,
    "lapse": lapse,
}
