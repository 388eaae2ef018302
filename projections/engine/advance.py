"""Bring generations forward by one batch of the log: project, fold, commit. The projector and rebuilds both do this."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final

import redis

from projections import messages
from projections.engine.commit import Answer, Commit, commit
from projections.engine.facts import Batch, Broken, Limits, Streams
from projections.engine.folding import changes, fold
from projections.engine.generations import Generation
from projections.engine.keys import PARKED, STREAMS
from projections.engine.readmodel import ReadModel
from projections.engine.writes import encode

log: Final = logging.getLogger("daybook.projector")

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


class Target:
    """A generation that is being written; `checkpoint` and `parked` are as last committed by this process."""

    def __init__(self, model: ReadModel[Any], generation: Generation, parked: Iterable[str] = ()) -> None:
        self.model = model
        self.generation = generation
        self.checkpoint = generation.checkpoint
        self.live = generation.live
        self.prefixes = frozenset(model.prefixes)
        self.parked = set(parked)

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def number(self) -> int:
        return self.generation.number

    def is_stopped_by(self, fact: Broken | Limits) -> bool:
        """Whether a stream of this target stops at `fact`, and was not stopped by an event before."""
        recorded = fact.recorded
        is_new = recorded.position > self.checkpoint and recorded.stream.startswith(self.model.prefixes)
        return is_new and fact.reason is not None and recorded.stream not in self.parked


def opened(client: redis.Redis, model: ReadModel[Any], generation: Generation) -> Target:
    streams: list[Any] = client.hkeys(f"{generation.prefix}{PARKED}")
    return Target(model, generation, (stream.decode() for stream in streams))


def streams_of(client: redis.Redis, targets: Sequence[Target]) -> Streams:
    """For reading the log from the lowest checkpoint of `targets`.

    While they advance, the places of a stream are those of the target that is the furthest behind of all it concerns.
    Whoever removes one from the list `targets` removes it here too.
    """

    def stored(streams: Sequence[str]) -> Iterable[bytes | None]:
        holders = [_furthest_behind(targets, stream) for stream in streams]
        with client.pipeline(transaction=False) as pipeline:
            for holder, stream in zip(holders, streams, strict=True):
                if holder:
                    pipeline.hget(f"{holder.generation.prefix}{STREAMS}", stream)
            found = iter(pipeline.execute())
        return [next(found) if holder else None for holder in holders]

    after: dict[str, int] = {}
    for target in targets:
        for category in target.model.categories:
            after[category] = min(target.checkpoint, after.get(category, target.checkpoint))
    return Streams(stored, after=after)


def _furthest_behind(targets: Iterable[Target], stream: str) -> Target | None:
    concerned = (target for target in targets if stream.startswith(target.model.prefixes))
    return min(concerned, key=lambda target: target.checkpoint, default=None)


def advance(client: redis.Redis, targets: Sequence[Target], batch: Batch, *, upto: int, token: int) -> None:
    """Commit `batch`, all of the log up to `upto`, to each of `targets`, without what a target already has.

    Raises NotCommitted, redis.RedisError: the targets have to be loaded again. If one target refuses, Refused is raised
    after all others are committed.
    """
    behind = [target for target in targets if target.checkpoint < upto]
    prefixes = {f"{fact.recorded.stream.partition('-')[0]}-" for fact in batch.facts}
    commits = [_prepared(target, batch, prefixes, upto, token) for target in behind]
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


def _prepared(target: Target, batch: Batch, prefixes: set[str], upto: int, token: int) -> Commit:
    """`prefixes` are those of the streams of `batch`: usually there is nothing to leave out."""
    all_facts = batch.facts
    is_whole = (
        all_facts and all_facts[0].recorded.position > target.checkpoint and prefixes <= target.prefixes
    )
    news = batch if is_whole else batch.concerning(target.model, after=target.checkpoint)
    facts = news.facts
    folded = fold(target.model, news, target.parked)
    published = b""
    if target.live and all_facts:
        # Also if no event concerns this read model: the feeds are merged at positions where all have an entry.
        values = changes(folded, target.model) if len(facts) <= PUBLISHED else []
        published = encode((all_facts[-1].recorded.created, values))
    return Commit(
        name=target.name,
        generation=target.number,
        expected=target.checkpoint,
        checkpoint=upto,
        token=token,
        writes=folded.arguments(),
        origin=facts[0].recorded.event_id if facts else "",
        last=f"{facts[-1].recorded.position} {facts[-1].recorded.event_id}" if facts else "",
        changes=published,
        resync=len(facts) > PUBLISHED,
        sums=target.model.sums if target.model.sums in folded.sums else "",
        kept=max(SHORTEST_FEED, min(FEED_LENGTH, RETAINED // max(len(facts), 1))),
    )


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
