"""What `balances` stores, and how it follows from an event."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from domain.accounts import (
    ACCOUNTS,
    AccountCreated,
    AccountEvent,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    Standing,
    moved,
)
from eventstore.codec import Fact
from projections.engine.keys import STOPPING
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import HashIncrement, HashSet, SortedSetScore, Write

HIGH: Final = 2**32
"""A sum of money is kept in two counters, low + HIGH x high, so that no sum of balances can overflow 64 bits."""


class ActiveHold(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A hold that has not ended. `amount` is in minor units; `expires` is in UTC, None if it never ends by itself."""

    id: bytes
    amount: int
    expires: datetime | None = None

    @property
    def hold_id(self) -> UUID:
        return UUID(bytes=self.id)


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`changed` is in 100 ns ticks since 1970 (UTC); money is in minor units of `currency`.

    `last_amount` is what the account's last event added to the balance; `held` is the sum of `holds`, oldest first.
    """

    position: int
    revision: int
    changed: int
    currency: str
    balance: int
    last_amount: int | None
    held: int
    overdraft: int
    state: str
    holder: str | None
    holds: tuple[ActiveHold, ...] = ()


row_of: Final = msgspec.msgpack.Decoder(Row).decode
_one_event: Final = HashIncrement("totals", "events", 1)
_one_account: Final = HashIncrement("totals", "accounts", 1)


def project(fact: Fact[AccountEvent]) -> tuple[Write, ...]:
    event, row = fact.event, _row(fact)
    placed = (
        HashSet("rows", event.account_id, row),
        SortedSetScore("by_change", event.account_id, row.position),
        SortedSetScore(f"by_balance:{row.currency}", event.account_id, row.balance),
        _one_event,
    )
    if row.last_amount is not None:
        added = _added("balance", row.currency, row.last_amount)
        if type(event) is MoneySent or type(event) is MoneyReceived or type(event) is MoneyReturned:
            return (*placed, *added, *_added("in_flight", row.currency, -row.last_amount))
        return (*placed, *added)
    return (*placed, _one_account) if type(event) is AccountCreated else placed


def _row(fact: Fact[AccountEvent]) -> Row:
    recorded, standing = fact.recorded, fact.standing
    assert type(standing) is Standing
    return Row(
        recorded.position,
        recorded.revision,
        recorded.created,
        standing.currency,
        standing.balance,
        moved(fact.event),
        standing.held,
        standing.overdraft,
        standing.state,
        standing.holder,
        tuple(ActiveHold(key.bytes, hold.amount, hold.expires) for key, hold in standing.holds.items()),
    )


def _added(total: str, currency: str, amount: int) -> tuple[Write, ...]:
    field = f"{total}:{currency}"
    if -HIGH < amount < HIGH:
        return (HashIncrement("totals", field, amount),)
    high, low = divmod(abs(amount), HIGH)
    sign = 1 if amount > 0 else -1
    return HashIncrement("totals", field, sign * low), HashIncrement("totals", f"{field}:high", sign * high)


MODEL: Final = ReadModel[AccountEvent](
    name="balances",
    version=4,
    categories=(ACCOUNTS.category,),
    project=project,
    channels=("rows",),
    sums="totals",
)
ROWS: Final = channel(MODEL.name, "rows")
TOTALS: Final = channel(MODEL.name, "totals")
STOPS: Final = frozenset(channel(MODEL.name, key) for key in STOPPING)
"""The channels of accounts that stop or go on."""
