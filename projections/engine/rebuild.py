"""Rebuild read models beside the live ones, prove them, and flip: nobody stops meanwhile.

A new generation is filled as far as the live one has come, compared with it cell by cell where both stand at one
position, and brought to the end of the log. A rebuild is how a read model is repaired: so differences are listed, and
the new generation, which is what the log says, goes live all the same. The one before stays for `roll_back`.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
import redis

from eventstore.store import EventLog, Recorded, StoreUnavailable
from projections import generations, keys
from projections.advance import NotCommitted, Target, advance, fold
from projections.catalog import Projection, named
from projections.compare import suspects, touched, values
from projections.facts import PREFIXES, Fact, Unreadable
from projections.facts import read as read_fact
from projections.generations import Generation
from projections.inbox import EndOfLog, Inbox, filling

BATCH: Final = 5_000
PENDING: Final = 2 * BATCH
SILENCE: Final = 30.0
_TOKEN: Final = 0
"""A rebuild writes with the lowest fencing token: whoever takes its generation over fences it off."""
_LISTED: Final = 100


class RebuildFailed(Exception):
    """Nothing was flipped; the live read models are as they were."""


class Progress(msgspec.Struct, frozen=True):
    """`eta` is in seconds, from the share of positions done."""

    projections: tuple[str, ...]
    events: int
    events_per_s: float
    position: int
    head: int
    eta: float


class Difference(msgspec.Struct, frozen=True):
    key: str
    member: str
    live: str
    rebuilt: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` is what reading the log and filling took, `proof_seconds` comparing; `keys` were compared.

    `differences` counts cells; `listed` are the first of them. `generation` is live if `flipped`.
    """

    projection: str
    events: int
    seconds: float
    events_per_s: float
    keys: int
    differences: int
    flipped: bool
    generation: int
    proof_seconds: float
    listed: tuple[Difference, ...]


class _Filled(msgspec.Struct, frozen=True):
    events: int
    seconds: float


def rebuild(
    event_log: EventLog,
    client: redis.Redis,
    names: Sequence[str],
    tell: Callable[[Progress], None] = lambda progress: None,
) -> list[Report]:
    """Raises RebuildFailed, StoreUnavailable, redis.RedisError; then what was filled so far is removed if possible."""
    targets = [_begin(client, event_log, named(name)) for name in names]
    try:
        filled = _fill(event_log, client, targets, tell)
        reports = [_finish(event_log, client, target, filled) for target in targets]
    except BaseException as error:
        for target in targets:
            if not target.live:
                _discard(client, target)
        if isinstance(error, NotCommitted | generations.Gone):
            raise RebuildFailed(
                f"Redis was wiped, or changed by another, under the rebuild. {error}"
            ) from error
        raise
    for target in targets:
        generations.sweep(client, target.name)
    return reports


def _begin(client: redis.Redis, event_log: EventLog, projection: Projection) -> Target:
    live = generations.load(client, projection.name)
    if live is not None and live.checkpoint > event_log.end():
        raise RebuildFailed(
            f"{projection.name} stands at {live.checkpoint}, beyond the end of this log: it was made of another one. "
            "The projector notices that and builds it anew by itself."
        )
    return Target(projection, generations.create(client, projection.name))


def _discard(client: redis.Redis, target: Target) -> None:
    try:
        generations.remove(client, target.name, target.number)
    except redis.RedisError:
        return


def _fill(
    event_log: EventLog, client: redis.Redis, targets: Sequence[Target], tell: Callable[[Progress], None]
) -> _Filled:
    """Everything that the live generations have; everything there is where none is live."""
    started, events = time.monotonic(), 0
    upto = _reached(client, targets)
    head = event_log.head(prefixes=PREFIXES) if upto is None else upto
    names = tuple(target.name for target in targets)
    for facts in _forward(event_log, client, targets, upto):
        events += len(facts)
        position, seconds = facts[-1].recorded.position, time.monotonic() - started
        eta = max(0.0, seconds * (head - position) / position)
        tell(Progress(names, events, events / seconds, position, head, eta))
    return _Filled(events, time.monotonic() - started)


def _reached(client: redis.Redis, targets: Sequence[Target]) -> int | None:
    found = (generations.load(client, target.name) for target in targets)
    return min((each.checkpoint for each in found if each is not None and each.live), default=None)


def _forward(
    event_log: EventLog, client: redis.Redis, targets: Sequence[Target], upto: int | None
) -> Iterator[Sequence[Fact | Unreadable]]:
    """Bring `targets` to exactly `upto`, a position that a projector reached; None: to the end of the log.

    Yields each batch as it is about to be committed.
    """
    start = min(target.checkpoint for target in targets)
    if upto is not None and start >= upto:
        return
    for batch in _batches(event_log, start):
        due = batch if upto is None else [recorded for recorded in batch if recorded.position <= upto]
        if due:
            facts = [read_fact(recorded) for recorded in due]
            yield facts
            advance(client, targets, facts, upto=due[-1].position, token=_TOKEN)
        if len(due) < len(batch):
            break
    if upto is not None:
        advance(client, targets, [], upto=upto, token=_TOKEN)


def _batches(event_log: EventLog, after: int) -> Iterator[list[Recorded]]:
    """All events after position `after` up to the end of the log."""
    with filling(event_log.read(prefixes=PREFIXES, after=after or None), PENDING) as inbox:
        while True:
            batch = _batch(inbox)
            if not batch:
                return
            yield batch


def _batch(inbox: Inbox) -> list[Recorded]:
    """The next BATCH events, fewer only at the end of the log."""
    batch: list[Recorded] = []
    while len(batch) < BATCH:
        try:
            messages = inbox.take(BATCH - len(batch), SILENCE, least=BATCH - len(batch))
        except EndOfLog:
            break
        if not messages:
            raise StoreUnavailable(f"The log was silent for {SILENCE:.0f} s while it was read.")
        batch += [message for message in messages if type(message) is Recorded]
    return batch


def _finish(event_log: EventLog, client: redis.Redis, target: Target, filled: _Filled) -> Report:
    started = time.monotonic()
    live = generations.load(client, target.name)
    instead_of = live if live is not None and live.live else None
    compared, differing = _prove(event_log, client, target, instead_of) if instead_of else (0, [])
    deque(_forward(event_log, client, [target], None), maxlen=0)
    _flip(client, target, instead_of)
    return Report(
        projection=target.name,
        events=filled.events,
        seconds=round(filled.seconds, 3),
        events_per_s=round(filled.events / filled.seconds, 1),
        keys=compared,
        differences=len(differing),
        flipped=True,
        generation=target.number,
        proof_seconds=round(time.monotonic() - started, 3),
        listed=tuple(differing[:_LISTED]),
    )


def _flip(client: redis.Redis, target: Target, instead_of: Generation | None) -> None:
    number = instead_of.number if instead_of else None
    target.live = generations.publish(client, target.name, target.number, instead_of=number)
    if not target.live:
        raise RebuildFailed(f"Another generation of {target.name} went live meanwhile; this one is dropped.")


def _prove(
    event_log: EventLog, client: redis.Redis, target: Target, live: Generation
) -> tuple[int, list[Difference]]:
    """How many keys were compared, and where the two differ at one position.

    Each cell is found equal at some position at which both stand, or named. `doubtful` are the cells that differ, or
    were written to, while all were looked at; those are read from the live generation in one step with its checkpoint,
    and compared once the new generation has come exactly there.
    """
    deque(_forward(event_log, client, [target], _reached(client, [target])), maxlen=0)
    doubtful, compared = suspects(client, target.name, live.number, target.number)
    for facts in _forward(event_log, client, [target], _reached(client, [target])):
        doubtful |= set(touched(fold(target.projection, facts, set(target.parked))))
    checkpoint, lived = values(client, target.name, live.number, doubtful)
    deque(_forward(event_log, client, [target], checkpoint), maxlen=0)
    _, rebuilt = values(client, target.name, target.number, doubtful)
    return compared, [
        Difference(cell.key, cell.member, repr(lived[cell]), repr(rebuilt[cell]))
        for cell in sorted(doubtful)
        if lived[cell] != rebuilt[cell]
    ]


def roll_back(client: redis.Redis, name: str) -> int:
    """Make the generation before the live one live again; the projector brings it up to date. Answers its number.

    Raises RebuildFailed where there is none.
    """
    kept = client.get(keys.previous(name))
    live = generations.load(client, name)
    if kept is None or live is None or generations.read(client, name, int(kept), live=False) is None:
        raise RebuildFailed(f"There is no earlier generation of {name} to go back to.")
    if not generations.publish(client, name, int(kept), instead_of=live.number):
        raise RebuildFailed(f"Another generation of {name} went live meanwhile; nothing was changed.")
    return int(kept)
