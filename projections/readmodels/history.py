"""The read model `history`: every account's entries, oldest first, each with the balance after it.

entries:{account id}    list of Entry

An entry is an array of msgpack that begins with its position. Fields are only ever added at its end.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, assert_never
from uuid import UUID

import msgspec

from domain.accounts import ACCOUNTS, AccountCreated, AccountEvent, MoneyDeposited, MoneyWithdrawn, change
from domain.accounts import Entry as Event
from eventstore.codec import Fact
from projections.engine.changes import Value
from projections.engine.clients import Redis
from projections.engine.reading import answering, live_prefix, newest
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import ListAppend, Write

TYPES: Final = ("MoneyDeposited", "MoneyWithdrawn")
"""An entry stores the index of its type (`type_index`). New types are only added at the end."""


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One entry of an account. `amount` has a sign and `balance` is the one after it: minor units of `currency`.

    `booked` is in 100 ns ticks since 1970 (UTC), `day` the proleptic Gregorian ordinal of the value date.
    """

    position: int
    revision: int
    booked: int
    type_index: int
    id: bytes
    amount: int
    currency: str
    balance: int
    day: int
    note: str
    actor: str

    @property
    def type(self) -> str:
        return TYPES[self.type_index]

    @property
    def entry_id(self) -> UUID:
        return UUID(bytes=self.id)

    @property
    def value_date(self) -> date:
        return date.fromordinal(self.day)


entry_of: Final = msgspec.msgpack.Decoder(Entry).decode


def type_index(event: Event) -> int:
    if type(event) is MoneyDeposited:
        return 0
    if type(event) is MoneyWithdrawn:
        return 1
    assert_never(event)


def project(fact: Fact[AccountEvent]) -> tuple[Write, ...]:
    event = fact.event
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return (ListAppend(f"entries:{event.account_id}", _entry(fact, event)),)
    if type(event) is AccountCreated:
        return ()
    assert_never(event)


def _entry(fact: Fact[AccountEvent], event: Event) -> Entry:
    recorded = fact.recorded
    return Entry(
        recorded.position,
        recorded.revision,
        recorded.created,
        type_index(event),
        event.entry_id.bytes,
        change(event),
        event.currency,
        event.balance,
        event.value_date.toordinal(),
        event.note,
        fact.actor,
    )


MODEL: Final = ReadModel[AccountEvent](
    name="history",
    version=2,
    categories=(ACCOUNTS.category,),
    project=project,
    channels=("entries",),
)
ENTRIES: Final = channel(MODEL.name, "entries")


async def entries(
    redis: Redis, account_id: str, *, before: int | None = None, limit: int = 50
) -> tuple[Entry, ...]:
    """The account's entries below position `before`, newest first. Raises ReadModelUnavailable."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await newest(redis, f"{prefix}entries:{account_id}", before, limit)
    return tuple(map(entry_of, found))


def changed(values: Iterable[Value]) -> tuple[tuple[str, Entry], ...]:
    """The published values of the channel ENTRIES: account ids and their new entries."""
    return tuple((account_id, entry_of(blob)) for account_id, blob in values)
