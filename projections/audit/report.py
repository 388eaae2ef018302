"""An audit with its reach: up to which position it compared, and which read models are behind the log."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import redis

from eventstore.store import EventLog
from projections.audit import audit
from projections.audit.reading import current
from projections.engine import keys
from projections.engine.readmodel import ReadModel, prefixes_of
from projections.readmodels import READ_MODELS

_PATIENCE: Final = 5.0
"""Seconds without progress after which a read model that is behind is not waited for any longer."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`head` is the position of the log's last event when the audit began. Everything up to `position` was compared;
    it is None if nothing was. `behind` has the positions of the read models that have not reached `head`, by name.
    """

    head: int
    position: int | None
    behind: Mapping[str, int]
    differences: Sequence[str]

    @property
    def equal(self) -> bool:
        return not self.behind and not self.differences


def report(
    event_log: EventLog, client: redis.Redis, models: Sequence[ReadModel[Any]] = READ_MODELS
) -> Report:
    """Waits for a projector that is still bringing the read models to the head of the log. Raises as `audit`."""
    head = event_log.head(prefixes=prefixes_of(models))
    reached = _reached(client, models, head)
    differences = audit(event_log, client, models)
    return Report(
        head=head,
        position=min(head, *reached.values()) if len(reached) == len(models) else None,
        behind=_behind(reached, head),
        differences=differences,
    )


def _reached(client: redis.Redis, models: Sequence[ReadModel[Any]], head: int) -> Mapping[str, int]:
    """The positions of the read models, as soon as all are at `head` or no projector brings them further."""
    reached, deadline = _positions(client, models), time.monotonic() + _PATIENCE
    while _behind(reached, head) and client.exists(keys.HEARTBEAT) and time.monotonic() < deadline:
        time.sleep(0.05)
        before, reached = reached, _positions(client, models)
        if reached != before:
            deadline = time.monotonic() + _PATIENCE
    return reached


def _positions(client: redis.Redis, models: Sequence[ReadModel[Any]]) -> Mapping[str, int]:
    return {name: generation.checkpoint for name, generation in current(client, models).items()}


def _behind(reached: Mapping[str, int], head: int) -> Mapping[str, int]:
    return {name: position for name, position in reached.items() if position < head}
