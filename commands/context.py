"""Who gives a command, and what its events say about that."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.decider import Event
from eventstore.codec import Metadata, encode
from eventstore.store import NewEvent


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Who gave a command, when, and as part of which request: the metadata of its events.

    `correlation_id` is text of the caller's choice; `trace` the caller's trace id and span id, if it sent them.

    `seed`: the ids of the events are made from it instead of the command's id. So, of two callers that give the same
    command at the same time, only one is answered that the command was new.
    """

    command_id: UUID
    correlation_id: str
    causation_id: UUID
    trace: tuple[str, str] | None = None
    actor: str
    at: datetime
    seed: UUID | None = None


def encoded(decided: Sequence[Sequence[Event]], contexts: Sequence[Context]) -> list[NewEvent]:
    """The events of several commands as they are appended."""
    return [
        encode(event, _metadata(context), index, context.seed)
        for events, context in zip(decided, contexts, strict=True)
        for index, event in enumerate(events)
    ]


def _metadata(context: Context) -> Metadata:
    trace_id, span_id = context.trace or (msgspec.UNSET, msgspec.UNSET)
    return Metadata(
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        command_id=context.command_id,
        actor=context.actor,
        at=context.at,
        trace_id=trace_id,
        span_id=span_id,
    )
