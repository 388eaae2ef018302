"""An import as the log has it: for answers before the read model has it, or without one."""

from typing import Any
from uuid import UUID

import msgspec

from domain.imports import (
    IMPORTS,
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportStarted,
    Standing,
    follow,
)
from eventstore.codec import Fact
from eventstore.store import EventStore
from eventstore.streams import next_state
from projections.readmodels.imports import Imported


async def recorded(store: EventStore, import_id: UUID) -> Imported | None:
    """None: it was never started. Raises StoreError."""
    standing: Standing | None = None
    facts: list[Fact[Any]] = []
    for number, event in enumerate(await store.read_stream(IMPORTS.stream(str(import_id)))):
        fact, standing = next_state(event, number - 1, standing, follow)
        facts.append(fact)
    return None if standing is None else _imported(import_id, standing, facts)


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
