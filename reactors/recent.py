"""The newest events of the log that concern a reactor.

Only a fixed number of the log's newest events is looked at: to find the last one of a rare kind, a server reads back
until it meets one, perhaps through the whole log.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from domain.vocabulary import AGGREGATES
from eventstore.store import METASTREAM, EventStore, Recorded

MOST: Final = 500
_ALL: Final = tuple(f"{kind}{category}-" for category in AGGREGATES for kind in ("", METASTREAM))


class Recent(NamedTuple):
    """`events` are newest first. All that concern the reactor and come after position `since` are in it."""

    events: Sequence[Recorded]
    since: int

    @property
    def last(self) -> int:
        """No event that concerns the reactor comes after this position."""
        return self.events[0].position if self.events else self.since


async def recent(
    store: EventStore, prefixes: tuple[str, ...], without: Collection[str] = frozenset()
) -> Recent:
    """Events in streams named with `prefixes`, of types that are not in `without`. Raises StoreError."""
    newest = await store.read_all(prefixes=_ALL, limit=MOST)
    own = [each for each in newest if each.stream.startswith(prefixes) and each.type not in without]
    return Recent(own, newest[-1].position if len(newest) == MOST else 0)
