"""Bring generations forward by one batch of the log: project, fold, commit. The projector and rebuilds both do this."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import redis

from projections import stored
from projections.catalog import Projection
from projections.commit import Answer, Commit, commit
from projections.facts import Fact, Unreadable
from projections.generations import Generation
from projections.writes import Folded, HashIncrement, HashSet, encode
from projections.writes import stored as stored_value

FED: Final = 1_000
"""A batch of more events is told to the change feed as `resync` only."""
RETAINED: Final = 20_000
"""The change feed keeps about as many events as this, in at most FEED_LENGTH entries."""
FEED_LENGTH: Final = 4_096


class NotCommitted(Exception):
    """A generation was not where its writer believed it to be, and nothing was written to it."""


class Fenced(NotCommitted):
    """Another projector has taken over."""


class Refused(Exception):
    """The commit script found a write that cannot be applied: the read model was tampered with, or this is a bug."""


class Target:
    """A generation under way; `checkpoint` and `parked` are as last committed by this process."""

    def __init__(self, projection: Projection, generation: Generation, parked: Iterable[str] = ()) -> None:
        self.projection = projection
        self.number = generation.number
        self.checkpoint = generation.checkpoint
        self.live = generation.live
        self.parked = set(parked)

    @property
    def name(self) -> str:
        return self.projection.name


def opened(client: redis.Redis, projection: Projection, generation: Generation) -> Target:
    parked: list[Any] = client.hkeys(f"{generation.prefix}parked")
    return Target(projection, generation, (stream.decode() for stream in parked))


def advance(
    client: redis.Redis,
    targets: Sequence[Target],
    facts: Sequence[Fact | Unreadable],
    *,
    upto: int,
    token: int,
) -> None:
    """Commit `facts`, all of the log up to `upto`, to each of `targets`; what a target already has is left out.

    Raises NotCommitted, Refused, redis.RedisError: the targets have to be loaded anew.
    """
    behind = [target for target in targets if target.checkpoint < upto]
    commits = [_prepared(target, facts, upto, token) for target in behind]
    for target, answer in zip(behind, commit(client, commits), strict=True):
        _check(target, answer)
        target.checkpoint = upto


def _prepared(target: Target, facts: Sequence[Fact | Unreadable], upto: int, token: int) -> Commit:
    news = facts
    if facts and facts[0].recorded.position <= target.checkpoint:
        news = [fact for fact in facts if fact.recorded.position > target.checkpoint]
    folded = fold(target.projection, news, target.parked)
    told = b""
    if target.live and news:
        told = changes(folded, target.projection.visible) if len(news) <= FED else encode([])
    return Commit(
        name=target.name,
        generation=target.number,
        expected=target.checkpoint,
        checkpoint=upto,
        token=token,
        writes=folded.arguments(),
        origin=news[0].recorded.event_id if news else "",
        changes=told,
        resync=len(news) > FED,
        kept=max(RETAINED // FED, min(FEED_LENGTH, RETAINED // max(len(news), 1))),
    )


def fold(projection: Projection, facts: Iterable[Fact | Unreadable], parked: set[str]) -> Folded:
    """What `facts` come to. A stream with an event that cannot be read or projected is parked from there on.

    `parked` is added to.
    """
    folded = Folded()
    project = projection.project
    for fact in facts:
        if fact.recorded.stream in parked:
            folded.add((HashIncrement("parked_events", fact.recorded.stream, 1),))
            continue
        if isinstance(fact, Unreadable):
            _park(folded, parked, fact, fact.reason)
            continue
        try:
            writes = project(fact)
        except Exception as error:
            _park(folded, parked, fact, f"{projection.name} cannot take it: {error!r}")
        else:
            folded.add(writes)
    return folded


def _park(folded: Folded, parked: set[str], fact: Fact | Unreadable, reason: str) -> None:
    recorded = fact.recorded
    parked.add(recorded.stream)
    folded.add(
        (
            HashSet("parked", recorded.stream, stored.Parked(recorded.revision, recorded.position, reason)),
            HashIncrement("parked_events", recorded.stream, 1),
        )
    )


def changes(folded: Folded, visible: str) -> bytes:
    """The change feed's entry: pairs of what changed (field, or rest of the key) and its stored value."""
    told: list[tuple[str, msgspec.Raw]] = []
    for key, fields in folded.sets.items():
        if key.startswith(visible):
            told += ((field, _raw(value)) for field, value in fields.items())
    for key, values in folded.appends.items():
        if key.startswith(visible):
            told += ((key.removeprefix(visible), _raw(value)) for value in values)
    return encode(told)


def _raw(value: str | msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(stored_value(value))


_REASONS: Final = {
    "superseded": "a rebuilt generation has taken its place",
    "missing": "Redis no longer holds it",
}


def _check(target: Target, answer: Answer) -> None:
    where = f"generation {target.number} of {target.name}"
    if answer.outcome == "done":
        return
    if answer.outcome == "fenced":
        raise Fenced(f"Another projector (token {answer.token}) has taken over {where}.")
    if answer.outcome.startswith("invalid"):
        raise Refused(
            f"A batch for {where} after checkpoint {target.checkpoint} was refused and nothing of it written: "
            f"{answer.outcome}. Rebuild {target.name}."
        )
    reason = _REASONS.get(
        answer.outcome, f"expected at checkpoint {target.checkpoint}, found at {answer.checkpoint}"
    )
    raise NotCommitted(f"{where.capitalize()} is {answer.outcome}: {reason}.")
