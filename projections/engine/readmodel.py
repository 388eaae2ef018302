"""The projections there are."""

from collections.abc import Callable
from typing import Final

import msgspec

from projections import balances, feed, history
from projections.facts import Fact
from projections.writes import Write


class Projection(msgspec.Struct, frozen=True):
    """Writes to keys that begin with `visible` are told to the change feed."""

    name: str
    project: Callable[[Fact], tuple[Write, ...]]
    visible: str


PROJECTIONS: Final = (
    Projection("balances", balances.project, visible="rows"),
    Projection("history", history.project, visible="entries:"),
    Projection("feed", feed.project, visible="items"),
)
NAMES: Final = tuple(projection.name for projection in PROJECTIONS)


def named(name: str) -> Projection:
    """Raises KeyError, saying which there are."""
    for projection in PROJECTIONS:
        if projection.name == name:
            return projection
    raise KeyError(f"There is no projection {name!r}; there are {', '.join(NAMES)}.")
