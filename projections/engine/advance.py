"""Bring generations forward by one batch of the log: project, fold, commit. The projector and rebuilds both do this."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import redis

from projections import messages
from projections.engine.commit import Answer, Commit, commit
from projections.engine.facts import Read, Unreadable
from projections.engine.generations import Generation
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import Folded, HashIncrement, HashSet, Value, encode

PUBLISHED: Final = 1_000
"""A batch of more events is published to the change feed as `resync` only."""
RETAINED: Final = 20_000
"""The change feed keeps about as many events as this, in at most FEED_LENGTH entries."""
FEED_LENGTH: Final = 4_096
SHORTEST_FEED: Final = RETAINED // PUBLISHED
"""Entries that a change feed keeps in any case."""


class NotCommitted(Exception):
    """A generation was not at the position that its writer expected, and nothing was written to it."""


class Fenced(NotCommitted):
    """Another projector has taken over."""


class Refused(Exception):
    """The commit script found a write that cannot be applied: the read model was tampered with, or this is a bug."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


class Parked(msgspec.Struct, frozen=True):
    """Why a stream is parked, since its event at `revision`."""

    revision: int
    position: int
    reason: str


parked: Final = msgspec.msgpack.Decoder(Parked).decode


class Target:
    """A generation that is being written; `checkpoint` and `parked` are as last committed by this process."""

    def __init__(self, model: ReadModel[Any], generation: Generation, parked: Iterable[str] = ()) -> None:
        self.model = model
        self.generation = generation
        self.checkpoint = generation.checkpoint
        self.live = generation.live
        self.parked = set(parked)

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def number(self) -> int:
        return self.generation.number


def opened(client: redis.Redis, model: ReadModel[Any], generation: Generation) -> Target:
    streams: list[Any] = client.hkeys(f"{generation.prefix}parked")
    return Target(model, generation, (stream.decode() for stream in streams))


def advance(
    client: redis.Redis, targets: Sequence[Target], facts: Sequence[Read], *, upto: int, token: int
) -> None:
    """Commit `facts`, all of the log up to `upto`, to each of `targets`, without those that a target already has.

    Raises NotCommitted, redis.RedisError: the targets have to be loaded again. If one target refuses, Refused is raised
    after all others are committed.
    """
    behind = [target for target in targets if target.checkpoint < upto]
    prefixes = {f"{fact.recorded.stream.partition('-')[0]}-" for fact in facts}
    commits = [_prepared(target, facts, prefixes, upto, token) for target in behind]
    refused: Refused | None = None
    for target, answer in zip(behind, commit(client, commits), strict=True):
        try:
            _check(target, answer)
        except Refused as error:
            refused = error
        else:
            target.checkpoint = upto
    if refused:
        raise refused


def _prepared(target: Target, facts: Sequence[Read], prefixes: set[str], upto: int, token: int) -> Commit:
    """`prefixes` are those of the streams of `facts`: usually there is nothing to leave out."""
    is_whole = (
        facts and facts[0].recorded.position > target.checkpoint and prefixes <= {*target.model.prefixes}
    )
    news = facts if is_whole else concerning(target.model, facts, after=target.checkpoint)
    folded = fold(target.model, news, target.parked)
    published = b""
    if target.live and facts:
        # Also if no event concerns this read model: the feeds are merged at positions where all have an entry.
        values = changes(folded, target.model) if len(news) <= PUBLISHED else []
        published = encode((facts[-1].recorded.created, values))
    return Commit(
        name=target.name,
        generation=target.number,
        expected=target.checkpoint,
        checkpoint=upto,
        token=token,
        writes=folded.arguments(),
        origin=news[0].recorded.event_id if news else "",
        changes=published,
        resync=len(news) > PUBLISHED,
        kept=max(SHORTEST_FEED, min(FEED_LENGTH, RETAINED // max(len(news), 1))),
    )


def concerning(model: ReadModel[Any], facts: Iterable[Read], *, after: int) -> list[Read]:
    """The facts behind position `after` in streams that `model` is made of."""
    prefixes = model.prefixes
    return [
        fact for fact in facts if fact.recorded.position > after and fact.recorded.stream.startswith(prefixes)
    ]


def fold(model: ReadModel[Any], facts: Iterable[Read], parked: set[str]) -> Folded:
    """The writes for `facts`. A stream with an event that cannot be read or projected is parked from there on.

    `parked` is added to.
    """
    folded = Folded()
    project = model.project
    for fact in facts:
        stream = fact.recorded.stream
        if stream in parked:
            folded.add((HashIncrement("parked_events", stream, 1),))
            continue
        if isinstance(fact, Unreadable):
            _park(folded, parked, fact, fact.reason)
            continue
        try:
            writes = project(fact)
        except Exception as error:
            _park(folded, parked, fact, messages.not_projected(model.name, repr(error)))
        else:
            folded.add(writes)
    return folded


def _park(folded: Folded, parked: set[str], fact: Read, reason: str) -> None:
    recorded = fact.recorded
    parked.add(recorded.stream)
    folded.add(
        (
            HashSet("parked", recorded.stream, Parked(recorded.revision, recorded.position, reason)),
            HashIncrement("parked_events", recorded.stream, 1),
        )
    )


def changes(folded: Folded, model: ReadModel[Any]) -> list[tuple[str, str, msgspec.Raw]]:
    """For each new value: its channel, its member and the value as msgpack, as structs are stored.

    The member is a hash field, or for one of several lists the rest of the list's key.
    """
    values: list[tuple[str, str, msgspec.Raw]] = []
    for key, fields in folded.sets.items():
        if key in model.channels:
            values += ((channel(model.name, key), field, _raw(value)) for field, value in fields.items())
    for key, appended in folded.appends.items():
        kind, _, member = key.partition(":")
        if kind in model.channels:
            values += ((channel(model.name, kind), member, _raw(value)) for value in appended)
    return values


def _raw(value: Value) -> msgspec.Raw:
    return msgspec.Raw(encode(value))


_REASONS: Final = {"superseded": messages.SUPERSEDED, "missing": messages.MISSING}


def _check(target: Target, answer: Answer) -> None:
    number, name, expected = target.number, target.name, target.checkpoint
    if answer.outcome == "done":
        return
    if answer.outcome == "fenced":
        assert answer.token is not None
        raise Fenced(messages.generation_taken_over(answer.token, messages.generation(number, name)))
    if answer.outcome.startswith("invalid"):
        raise Refused(name, messages.batch_refused(number, name, expected, answer.outcome))
    reason = _REASONS.get(answer.outcome) or messages.elsewhere(expected, str(answer.checkpoint))
    raise NotCommitted(messages.not_committed(number, name, answer.outcome, reason))
