"""Contexts for commands."""

from datetime import UTC, datetime
from typing import Final

from commands.handler import Context
from domain.accounts import AccountCommand

NOW: Final = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)


def context_of(command: AccountCommand) -> Context:
    return Context(
        command_id=command.command_id,
        correlation_id=str(command.command_id),
        causation_id=command.command_id,
        actor="test",
        at=NOW,
    )
