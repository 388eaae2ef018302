"""The read model `feed`: the newest events of all accounts.

items    list of Item, oldest first, the newest LENGTH

An item is an array of msgpack that begins with its position. Fields are only ever added at its end.
"""

from collections.abc import Iterable
from typing import Final, assert_never
from uuid import UUID

import msgspec

from domain.accounts import (
    ACCOUNTS,
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
    TransferDeclined,
    moved,
)
from eventstore.codec import Fact
from projections.engine.changes import Value
from projections.engine.clients import Redis
from projections.engine.reading import answering, live_prefix
from projections.engine.reading import newest as newest_of
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import ListAppend, Write

LENGTH: Final = 1_000


class Item(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One event. `amount` has a sign and is None if no money moved; `booked` is in 100 ns ticks since 1970 (UTC).

    `figure` is the amount that an event is about which moved no money: of a hold, a limit, or a declined transfer.
    `other` is the account at the other end of a transfer, `transfer` the transfer's id, and `entry` the id of the
    entry, or they are empty. Money is in minor units of `currency`.
    """

    position: int
    revision: int
    booked: int
    type: str
    event_id: str
    stream: str
    account_id: str
    amount: int | None
    currency: str
    note: str
    actor: str
    figure: int | None
    other: str = ""
    transfer: bytes = b""
    entry: bytes = b""

    @property
    def entry_id(self) -> UUID | None:
        return UUID(bytes=self.entry) if self.entry else None

    @property
    def transfer_id(self) -> UUID | None:
        return UUID(bytes=self.transfer) if self.transfer else None


item_of: Final = msgspec.msgpack.Decoder(Item).decode


def project(fact: Fact[AccountEvent]) -> tuple[Write, ...]:
    event, recorded = fact.event, fact.recorded
    note, figure, currency = _about(event)
    item = Item(
        recorded.position,
        recorded.revision,
        recorded.created,
        recorded.type,
        recorded.event_id,
        recorded.stream,
        event.account_id,
        moved(event),
        currency,
        note,
        fact.actor,
        figure,
        *_between(event),
        event.entry_id.bytes if isinstance(event, Entry) else b"",
    )
    return (ListAppend("items", item, cap=LENGTH),)


def _between(event: AccountEvent) -> tuple[str, bytes]:
    """The account at the other end, and the id of the transfer."""
    if type(event) is MoneySent or type(event) is MoneyReceived or type(event) is MoneyReturned:
        return event.other, event.transfer_id.bytes
    return (event.other, event.transfer_id.bytes) if type(event) is TransferDeclined else ("", b"")


def _about(event: AccountEvent) -> tuple[str, int | None, str]:
    """Its note, its figure, and the currency of its money."""
    currency = event.currency
    if type(event) is MoneyDeposited or type(event) is MoneyWithdrawn:
        return event.note, None, currency
    if type(event) is EntryReversed or type(event) is HoldCaptured:
        return event.note, None, currency
    if type(event) is MoneySent or type(event) is MoneyReceived or type(event) is MoneyReturned:
        return event.note, None, currency
    if type(event) is TransferDeclined:
        return "", event.amount, event.amount_currency
    if type(event) is HoldPlaced or type(event) is HoldReleased or type(event) is HoldExpired:
        return "", event.amount, currency
    if type(event) is OverdraftLimitChanged:
        return "", event.limit, currency
    if type(event) is AccountCreated or type(event) is AccountClosed:
        return "", None, currency
    if type(event) is AccountFrozen or type(event) is AccountUnfrozen:
        return "", None, currency
    assert_never(event)


MODEL: Final = ReadModel[AccountEvent](
    name="feed", version=5, categories=(ACCOUNTS.category,), project=project, channels=("items",)
)
ITEMS: Final = channel(MODEL.name, "items")


async def newest(redis: Redis, *, before: int | None = None, limit: int = 30) -> tuple[Item, ...]:
    """The newest events below position `before`, newest first; the oldest are not kept. Raises ReadModelUnavailable."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await newest_of(redis, f"{prefix}items", before, limit)
    return tuple(map(item_of, found))


def changed(values: Iterable[Value]) -> tuple[Item, ...]:
    """The published values of the channel ITEMS, oldest first."""
    return tuple(item_of(blob) for _, blob in values)
