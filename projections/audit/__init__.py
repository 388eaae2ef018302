"""Compare read models with the log, entry by entry, and say in sentences where they differ.

books       the log folded by plain arithmetic, sharing nothing with the projections
money       balances, history and feed against the books
expected    other read models against what they themselves expect
reading     parts of a read model, each read in one step with its checkpoint
"""

from collections.abc import Sequence
from typing import Any, Final

import redis

from eventstore.store import EventLog
from projections.audit import money
from projections.audit.books import Books
from projections.audit.expected import differences as unexpected
from projections.audit.reading import StandsStill, stopped
from projections.engine import generations
from projections.engine.generations import Generation
from projections.engine.readmodel import ReadModel
from projections.readmodels import READ_MODELS

__all__ = ["StandsStill", "audit", "audit_generation"]

_MONEY: Final = {"balances": money.balances, "history": money.history, "feed": money.feed}


def audit(
    event_log: EventLog, client: redis.Redis, models: Sequence[ReadModel[Any]] = READ_MODELS
) -> list[str]:
    """Differences between the live read models and the log, one sentence each; empty if there are none.

    Raises StandsStill, Gone, StoreUnavailable, RedisError.
    """
    found = [(model, generations.live(client, model.name)) for model in models]
    missing = [
        f"The read model {model.name} is missing."
        for model, generation in found
        if generation is None or generation.version != model.version
    ]
    if missing:
        return missing
    live = [(model, generation) for model, generation in found if generation is not None]
    books = Books(event_log)
    books.advance(min(generation.checkpoint for _, generation in live))
    return [
        sentence
        for model, generation in live
        for sentence in (
            *_stopped(client, generation),
            *_differences(event_log, client, model, generation, books),
        )
    ]


def audit_generation(
    event_log: EventLog, client: redis.Redis, model: ReadModel[Any], generation: Generation
) -> list[str]:
    """As `audit`, of one generation that no other process writes to at the same time.

    A stream that the log itself stops is not a fault of the generation.
    """
    found = _differences(event_log, client, model, generation, Books(event_log))
    return [*_stopped(client, generation, faults_only=True), *found]


def _stopped(client: redis.Redis, generation: Generation, *, faults_only: bool = False) -> list[str]:
    return [
        f"{generation.name}: {each.stream} is stopped at its event {each.revision}: {each.reason}"
        for each in stopped(client, generation)
        if each.fault or not faults_only
    ]


def _differences(
    event_log: EventLog,
    client: redis.Redis,
    model: ReadModel[Any],
    generation: Generation,
    books: Books,
) -> list[str]:
    if model.name in _MONEY:
        return list(_MONEY[model.name](client, generation, books))
    if model.expected is not None:
        return list(unexpected(event_log, client, model, generation))
    return [
        f"{model.name} cannot be audited: neither the books nor the read model itself say what it should hold."
    ]
