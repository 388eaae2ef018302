"""The description of a read model: data for the engine."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from domain.decider import Event
from eventstore.codec import Fact
from eventstore.store import METASTREAM
from projections.engine.writes import Write

E = TypeVar("E", bound=Event)


class Cell(msgspec.Struct, frozen=True, order=True):
    """A part of a read model: `kind` is hash, zset or list; a list is one cell, its `member` is ""."""

    kind: str
    key: str
    member: str


class ReadModel(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """`project` is pure. It is given the events of streams of `categories`, one by one in the order of the log.

    `version` rises with every change of what is stored: a generation of another version is rebuilt by the projector.
    `channels` names the keys whose new values are published to live pages; `entries` includes `entries:anna`.
    `sums` names a hash of counters. What they have come to is known only where they are stored, so all of them are
    published with each commit that changes one, on the channel of that name; not if there are more than 64.
    `expected` computes what the read model should hold after the given events, in another way than `project`; the audit
    compares both. For read models of money the audit uses its own books instead.
    """

    name: str
    version: int
    categories: tuple[str, ...]
    project: Callable[[Fact[E]], tuple[Write, ...]]
    channels: tuple[str, ...] = ()
    sums: str = ""
    expected: Callable[[Iterable[Fact[E]]], dict[Cell, Any]] | None = None

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of the names of its streams, and of the streams with their metadata."""
        return tuple(f"{kind}{category}-" for category in self.categories for kind in ("", METASTREAM))


def prefixes_of(models: Iterable[ReadModel[Any]]) -> tuple[str, ...]:
    """The prefixes of all streams that any of `models` is made of."""
    return tuple(sorted({prefix for model in models for prefix in model.prefixes}))


def channel(model: str, key: str) -> str:
    """The name of a channel on live pages, for example `history:entries`."""
    return f"{model}:{key}"
