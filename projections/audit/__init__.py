"""Compare read models with the log, entry by entry, and say in sentences where they differ.

books       the log folded by plain arithmetic, sharing nothing with the projections
money       balances, history and feed against the books
flights     money on its way: transfers against the accounts
lines       what history and feed should store of an event, for the books
traces      the index of correlation ids, one bucket after another
expected    other read models against what they themselves expect
reading     parts of a read model, each read in one step with its checkpoint
report      the differences, how far they were compared, and which read models are behind the log
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any, Final

import redis

from eventstore.store import EventLog
from projections import messages
from projections.audit import money, traces
from projections.audit.books import Books
from projections.audit.expected import differences as unexpected
from projections.audit.flights import flights
from projections.audit.reading import StandsStill, current, stopped
from projections.engine.generations import Generation
from projections.engine.readmodel import ReadModel
from projections.readmodels import READ_MODELS
from projections.readmodels.trace import MODEL

__all__ = ["StandsStill", "audit", "audit_generation"]

_TRANSFERS: Final = "transfers"
_MONEY: Final = {"balances": money.balances, "history": money.history, "feed": money.feed}


def audit(
    event_log: EventLog, client: redis.Redis, models: Sequence[ReadModel[Any]] = READ_MODELS
) -> list[str]:
    """Differences between the live read models and the log, one sentence each; empty if there are none.

    Raises StandsStill, Gone, StoreUnavailable, RedisError.
    """
    found = current(client, models)
    missing = [messages.read_model_missing(model.name) for model in models if model.name not in found]
    if missing:
        return missing
    lowest_first = sorted(models, key=lambda model: found[model.name].checkpoint)
    with closing(Books(event_log)) as books:
        books.advance(found[lowest_first[0].name].checkpoint)
        return [
            sentence
            for model in lowest_first
            for sentence in (
                *_stopped(client, found[model.name]),
                *_differences(event_log, client, model, found[model.name], books),
                *_between(client, model, found[model.name], books),
            )
        ]


def audit_generation(
    event_log: EventLog, client: redis.Redis, model: ReadModel[Any], generation: Generation
) -> list[str]:
    """As `audit`, of one generation that no other process writes to at the same time.

    A stream that the log itself stops is not a fault of the generation.
    """
    with closing(Books(event_log)) as books:
        found = _differences(event_log, client, model, generation, books)
    return [*_stopped(client, generation, faults_only=True), *found]


def _stopped(client: redis.Redis, generation: Generation, *, faults_only: bool = False) -> list[str]:
    return [
        messages.stream_stopped(generation.name, each.stream, each.revision, each.reason)
        for each in stopped(client, generation)
        if each.fault or not faults_only
    ]


def _between(
    client: redis.Redis, model: ReadModel[Any], generation: Generation, books: Books
) -> Iterable[str]:
    """Differences between transfers and accounts."""
    return flights(client, generation, books) if model.name == _TRANSFERS else ()


def _differences(
    event_log: EventLog,
    client: redis.Redis,
    model: ReadModel[Any],
    generation: Generation,
    books: Books,
) -> list[str]:
    if model.name in _MONEY:
        return list(_MONEY[model.name](client, generation, books))
    if model.name == MODEL.name:
        return list(traces.differences(event_log, client, generation))
    if model.expected is not None:
        return list(unexpected(event_log, client, model, generation))
    return [messages.not_auditable(model.name)]
