"""A read model for tests: how many events of each type, in two versions that store it in different ways."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from domain.accounts import AccountEvent
from eventstore.codec import Fact
from projections.engine.readmodel import Cell, ReadModel
from projections.engine.writes import HashIncrement, HashSet, SortedSetScore, Write

Facts = Iterable[Fact[AccountEvent]]


def project(fact: Fact[AccountEvent]) -> tuple[Write, ...]:
    recorded = fact.recorded
    return HashIncrement("types", recorded.type, 1), HashSet("last", recorded.type, str(recorded.position))


def project_places(fact: Fact[AccountEvent]) -> tuple[Write, ...]:
    """In version 2 `types` is a sorted set of positions."""
    return (SortedSetScore("types", fact.recorded.type, fact.recorded.position),)


def expected(facts: Facts) -> dict[Cell, Any]:
    seen = [(fact.recorded.type, fact.recorded.position) for fact in facts]
    counted = Counter(type_ for type_, _ in seen)
    return {Cell("hash", "types", type_): str(n).encode() for type_, n in counted.items()} | {
        Cell("hash", "last", type_): str(position).encode() for type_, position in dict(seen).items()
    }


def expected_places(facts: Facts) -> dict[Cell, Any]:
    return {Cell("zset", "types", fact.recorded.type): float(fact.recorded.position) for fact in facts}


ONE = ReadModel[AccountEvent](
    name="counts",
    version=1,
    categories=("account",),
    project=project,
    channels=("types", "last"),
    expected=expected,
)
TWO = ReadModel[AccountEvent](
    name="counts", version=2, categories=("account",), project=project_places, expected=expected_places
)
