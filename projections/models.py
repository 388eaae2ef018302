"""What the read models answer, and what of them changes: what pages, the API and live updates are made of.

Amounts and balances are signed minor units of `currency`. Positions are commit positions. `booked` and `changed` are in
100 ns ticks since 1970 (UTC).
"""

from datetime import date
from uuid import UUID

import msgspec


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account as of its last event. `last_amount` is None until something was booked; `state` is "open"."""

    account_id: str
    currency: str
    user_id: str | None
    state: str
    balance: int
    last_amount: int | None
    revision: int
    position: int
    changed: int


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an account; `amount` is signed and `balance` is the one after it."""

    account_id: str
    entry_id: UUID
    type: str
    amount: int
    currency: str
    balance: int
    value_date: date
    note: str
    actor: str
    revision: int
    position: int
    booked: int


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the live feed. `amount` is signed, None where no money moved."""

    event_id: str
    type: str
    stream: str
    account_id: str
    amount: int | None
    currency: str
    note: str
    actor: str
    revision: int
    position: int
    booked: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts together: the balance held by currency, how many accounts, how many events."""

    held: dict[str, int]
    accounts: int
    events: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; None at its end."""

    accounts: tuple[AccountRow, ...]
    after: str | None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed up to `position`, since the Changes before: absolute rows, new entries and items, oldest first.

    With `resync` True the sequence was broken (Redis wiped, a generation flipped, the feed trimmed): what was shown
    before has to be read again.
    """

    position: int
    resync: bool
    accounts: tuple[AccountRow, ...]
    history: tuple[HistoryEntry, ...]
    feed: tuple[FeedItem, ...]
