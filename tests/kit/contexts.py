"""Contexts for commands."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from commands.context import Context
from domain.decider import Command

NOW: Final = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)


def context_of(command: Command) -> Context:
    return context_for(command.command_id)


def context_for(command_id: UUID) -> Context:
    """For what has no command yet."""
    return Context(
        command_id=command_id,
        correlation_id=str(command_id),
        causation_id=command_id,
        actor="test",
        at=NOW,
    )
