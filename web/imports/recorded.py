"""An import as the log has it: for answers before the read model has it, or without one."""

from typing import Any
from uuid import UUID

import msgspec

from commands.imports import Imports
from domain.imports import (
    IMPORTS,
    Existing,
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportStarted,
    Standing,
)
from eventstore.codec import Fact, decode
from eventstore.store import EventStore
from projections.readmodels.imports import Imported


async def recorded(store: EventStore, imports: Imports, import_id: UUID) -> Imported | None:
    """None: it was never started. Raises StoreError."""
    found = await imports.state(import_id)
    if not isinstance(found, Existing):
        return None
    events = await store.read_stream(IMPORTS.stream(str(import_id)))
    return _imported(import_id, found.standing, [decode(event) for event in events])


def _imported(import_id: UUID, standing: Standing, facts: list[Fact[Any]]) -> Imported:
    start = [fact for fact in facts if isinstance(fact.event, ImportStarted)][-1]
    reports = [fact.event.report for fact in facts if isinstance(fact.event, ImportChecked | ImportBooked)]
    about = msgspec.structs.asdict(standing)
    del about["run"]
    return Imported(
        **about,
        import_id=import_id,
        started=start.recorded.created,
        actor=start.actor,
        changed=facts[-1].recorded.created,
        position=facts[-1].recorded.position,
        revision=facts[-1].recorded.revision,
        report=reports[-1] if reports else None,
        failure=_failure(facts[-1].event),
    )


def _failure(last: ImportEvent) -> str | None:
    return last.reason if isinstance(last, ImportFailed) else None
