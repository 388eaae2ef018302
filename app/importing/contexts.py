"""Under which id, and as whose, the events of an import are recorded."""

from datetime import UTC, datetime
from uuid import UUID

from commands.context import Context


def context_of(import_id: UUID, command_id: UUID, actor: str) -> Context:
    """An import's events and entries have its id as their correlation id."""
    return Context(
        command_id=command_id,
        correlation_id=str(import_id),
        causation_id=command_id,
        actor=actor,
        at=datetime.now(UTC),
    )
