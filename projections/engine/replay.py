"""Bring shadow generations forward through the log, batch by batch, as fast as it goes."""

from collections.abc import Iterator, Sequence
from threading import Event
from typing import Final

import redis

from eventstore.store import EventLog, Recorded
from projections.engine.advance import Target, advance, streams_of
from projections.engine.facts import Batch
from projections.engine.inbox import Interrupted, filling
from projections.engine.readmodel import prefixes_of

BATCH: Final = 5_000
PENDING: Final = 2 * BATCH
SILENCE: Final = 30.0
"""Seconds without an event after which the log counts as unavailable."""
_TOKEN: Final = 0
"""A shadow is written with the lowest fencing token, so that any later owner of the generation fences its maker off."""


def forward(
    event_log: EventLog,
    client: redis.Redis,
    targets: Sequence[Target],
    upto: int | None,
    stop: Event | None = None,
) -> Iterator[Batch]:
    """Bring `targets` to exactly `upto`, a position that a projector reached; None: to the end of the log.

    Yields each batch before it is committed. Raises StoreUnavailable, Interrupted, and as `advance`.
    """
    if stop is not None and stop.is_set():
        raise Interrupted
    start = min(target.checkpoint for target in targets)
    if upto is not None and start >= upto:
        return
    # At the end everything that the log held before this reading is covered, even if nothing concerns the targets.
    end = event_log.end() if upto is None else upto
    streams = streams_of(client, targets)
    for records in _batches(event_log, targets, start, stop):
        due = records if upto is None else [recorded for recorded in records if recorded.position <= upto]
        if due:
            batch = streams.read(due)
            yield batch
            advance(client, targets, batch, upto=due[-1].position, token=_TOKEN)
        if len(due) < len(records):
            break
    advance(client, targets, Batch(), upto=end, token=_TOKEN)


def _batches(
    event_log: EventLog, targets: Sequence[Target], after: int, stop: Event | None
) -> Iterator[list[Recorded]]:
    """All events after position `after` up to the end of the log."""
    prefixes = prefixes_of(target.model for target in targets)
    with filling(event_log.read(prefixes=prefixes, after=after or None), PENDING) as inbox:
        for messages in inbox.batches(BATCH, SILENCE, stop):
            yield [message for message in messages if type(message) is Recorded]
