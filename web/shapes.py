"""What the API shows: accounts, entries and events as JSON. Amounts are decimal strings."""

from typing import Any

from domain.money import format_amount
from eventstore.codec import shown
from eventstore.store import Recorded
from projections.models import AccountRow, HistoryEntry
from web.formats import machine_time

Json = dict[str, Any]


def account_json(row: AccountRow) -> Json:
    return {
        "account_id": row.account_id,
        "balance": format_amount(row.balance, row.currency),
        "currency": row.currency,
        "state": row.state,
        "user_id": row.user_id,
        "revision": row.revision,
        "position": row.position,
    }


def entry_json(entry: HistoryEntry) -> Json:
    return {
        "entry_id": entry.entry_id,
        "type": entry.type,
        "amount": format_amount(entry.amount, entry.currency),
        "balance": format_amount(entry.balance, entry.currency),
        "currency": entry.currency,
        "value_date": entry.value_date,
        "note": entry.note,
        "actor": entry.actor,
        "revision": entry.revision,
        "position": entry.position,
        "booked": machine_time(entry.booked),
    }


def event_json(event: Recorded) -> Json:
    """As the log holds it."""
    return {
        "id": event.event_id,
        "stream": event.stream,
        "revision": event.revision,
        "position": event.position,
        "type": event.type,
        "recorded": machine_time(event.created),
        "data": shown(event.data),
        "metadata": shown(event.metadata),
    }
