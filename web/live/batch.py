"""Changes between two flushes of the live updates, by channel. Bounded, whatever their number."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from projections.engine.changes import Value

MANY: Final = 20
"""With more changed rows than this in one flush, a region is sent whole instead of row by row."""
MOST: Final = 50 * MANY
"""How many changes of a channel are kept."""


class Batch:
    """`position` is the last position in it. Of a channel with too many changes only its name is kept (`cut`)."""

    def __init__(self) -> None:
        self.position: int | None = None
        self.resync = False
        self._channels: dict[str, dict[str, list[bytes]]] = {}
        self._counts: dict[str, int] = {}

    def add(self, position: int, changes: Mapping[str, Sequence[Value]], *, resync: bool = False) -> None:
        self.position = position
        self.resync |= resync
        for channel, pairs in changes.items():
            self._counts[channel] = self._counts.get(channel, 0) + len(pairs)
            members = self._channels.setdefault(channel, {})
            if self.is_cut(channel):
                members.clear()
                continue
            for member, value in pairs:
                members.setdefault(member, []).append(value)

    @property
    def rows(self) -> int:
        """How many rows the batch will put on a page, at most MOST."""
        return MOST if self.resync else min(MOST, max(self._counts.values(), default=0))

    def is_cut(self, channel: str) -> bool:
        return self._counts.get(channel, 0) > MOST

    def concerns(self, channels: Collection[str], member: str) -> bool:
        """Whether one of `channels` has a change, of `member` unless that is "". A cut channel may have any."""
        return any(
            self.is_cut(channel)
            or (member in self._channels.get(channel, ()) if member else self._counts.get(channel))
            for channel in channels
        )

    def members(self, channel: str) -> Collection[str]:
        """Those that changed, unless the channel is cut."""
        return self._channels.get(channel, ())

    def newest(self, channel: str) -> dict[str, bytes]:
        """The newest value of each member that changed."""
        return {member: values[-1] for member, values in self._channels.get(channel, {}).items()}

    def all(self, channel: str, member: str | None = None) -> list[bytes]:
        """Every value, of one member or of all of them; oldest first within a member."""
        members = self._channels.get(channel, {})
        if member is not None:
            return members.get(member, [])
        return [value for values in members.values() for value in values]
