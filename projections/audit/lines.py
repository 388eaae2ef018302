"""What `history` and `feed` should store of an event, written without their projections."""

from typing import Any, assert_never

from domain.accounts import (
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
    change,
)
from eventstore.codec import Fact
from projections.readmodels import feed, history


def entry(fact: Fact[Any], event: Entry, balance: int) -> history.Entry:
    recorded, (linked, other) = fact.recorded, history.links(event)
    return history.Entry(
        position=recorded.position,
        revision=recorded.revision,
        booked=recorded.created,
        type_index=history.type_index(event),
        id=event.entry_id.bytes,
        amount=change(event),
        currency=event.currency,
        balance=balance,
        day=event.value_date.toordinal(),
        note=event.note,
        actor=fact.actor,
        reference=event.reference,
        linked=linked,
        other=other,
    )


def item(fact: Fact[Any], event: AccountEvent) -> feed.Item:
    recorded = fact.recorded
    amount, note, figure, currency = None, "", None, event.currency
    other, transfer, entry_id = "", b"", b""
    match event:
        case MoneyDeposited() | MoneyWithdrawn() | EntryReversed() | HoldCaptured():
            amount, note, entry_id = change(event), event.note, event.entry_id.bytes
        case MoneySent() | MoneyReceived() | MoneyReturned():
            amount, note, entry_id = change(event), event.note, event.entry_id.bytes
            other, transfer = event.other, event.transfer_id.bytes
        case TransferDeclined():
            figure, currency = event.amount, event.amount_currency
            other, transfer = event.other, event.transfer_id.bytes
        case HoldPlaced() | HoldReleased() | HoldExpired():
            figure = event.amount
        case OverdraftLimitChanged():
            figure = event.limit
        case AccountCreated() | AccountFrozen() | AccountUnfrozen() | AccountClosed():
            pass
        case _:
            assert_never(event)
    return feed.Item(
        position=recorded.position,
        revision=recorded.revision,
        booked=recorded.created,
        type=recorded.type,
        event_id=recorded.event_id,
        stream=recorded.stream,
        account_id=event.account_id,
        amount=amount,
        currency=currency,
        note=note,
        actor=fact.actor,
        figure=figure,
        other=other,
        transfer=transfer,
        entry=entry_id,
    )
