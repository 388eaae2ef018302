"""What the log says about people and their entries: the read models' own projections over a few streams."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.accounts import ACCOUNTS
from domain.users import USERS
from eventstore.store import EventLog, EventStore, Recorded
from projections.engine.facts import Streams
from projections.engine.folding import fold
from projections.engine.readmodel import ReadModel
from projections.engine.writes import Folded
from projections.readmodels import history, people
from projections.readmodels.history import Entry
from projections.readmodels.people import Person


async def person(store: EventStore, user_id: str) -> Person | None:
    found = _people(await store.read_stream(USERS.stream(user_id)))
    return found[0] if found else None


def everybody(event_log: EventLog) -> list[Person]:
    read = event_log.read(prefixes=(USERS.stream(""),), after=None)
    return _people([message for message in read if isinstance(message, Recorded)])


async def entries(store: EventStore, account_ids: Sequence[str]) -> list[tuple[str, Entry]]:
    """Of all these accounts, newest first."""
    found: list[tuple[str, Entry]] = []
    for account_id in account_ids:
        folded = _folded(history.MODEL, await store.read_stream(ACCOUNTS.stream(account_id)))
        listed: Any = folded.appends[f"entries:{account_id}"]
        found += ((account_id, entry) for entry in listed)
    return sorted(found, key=lambda each: -each[1].position)


def _people(records: Sequence[Recorded]) -> list[Person]:
    folded = _folded(people.MODEL, records)
    rows: dict[str, Any] = {user_id: row for user_id, row in folded.sets["rows"].items() if row is not None}
    return [_person(folded, user_id, row) for user_id, row in rows.items()]


def _person(folded: Folded, user_id: str, row: people.Row) -> Person:
    personal: dict[str, Any] = {field: folded.sets[key].get(user_id) for field, key in people.FIELDS.items()}
    return Person(user_id=user_id, **personal, **msgspec.structs.asdict(row))


def _folded(model: ReadModel[Any], records: Sequence[Recorded]) -> Folded:
    """A stream that cannot be used counts up to where it stops, as in the read models."""
    return fold(model, Streams().read(records), set())
