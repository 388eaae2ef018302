"""Names that are the same on every server, for values that differ between servers.

A conversation's streams have a prefix of its own, its event ids are made from that; in its answers both are taken away
again. A position is the event that it is at, `@s/0` being event 0 of stream s, or `after @s/0`, or `before` all.
"""

from bisect import bisect_right
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid4, uuid5

ENDS = ((1 << 64) - 1, (1 << 63) - 1)


class Names:
    def __init__(self) -> None:
        self.category = f"o{uuid4().hex[:10]}"
        self.prefix = self.category + "-"
        self._ids: dict[str, str] = {}
        self._commits: list[int] = []
        self._events: list[str] = []

    def own(self, text: str) -> str:
        """`{c}` means the category of the conversation's streams, `{p}` their prefix."""
        return text.replace("{c}", self.category).replace("{p}", self.prefix)

    def stream(self, name: str) -> str:
        """`$$` before a name is its metastream; other names with `$`, or after `!`, have no prefix."""
        if name.startswith("$$"):
            return "$$" + self.stream(name[2:])
        if not name or name[0] in "$!":
            return self.own(name.lstrip("!"))
        return self.prefix + name

    def event_id(self, number: int | str) -> str:
        """Of a number; a string is an id as it is, and its own name."""
        if isinstance(number, str):
            self._ids[number] = number
            return number
        made = str(uuid5(NAMESPACE_URL, f"{self.prefix}{number}"))
        self._ids[made] = f"id{number}"
        return made

    def clean(self, text: str) -> str:
        text = text.replace(self.prefix, "").replace(self.category, "{c}")
        if text in self._ids:
            return self._ids[text]
        for made, name in self._ids.items():
            text = text.replace(made, name)
        return text

    def clean_bytes(self, data: bytes) -> str:
        try:
            return self.clean(data.decode())
        except UnicodeDecodeError:
            return "hex:" + data.hex()

    def learn(self, events: Sequence[tuple[int, str, int]]) -> None:
        """(commit position, stream, revision) of the conversation's events, in the order of the log."""
        self._commits = [commit for commit, _, _ in events]
        self._events = [f"{self.clean(stream)}/{revision}" for _, stream, revision in events]

    def position(self, commit: int) -> str:
        if commit in ENDS:
            return "end"
        before = bisect_right(self._commits, commit) - 1
        if before < 0:
            return "before"
        event = "@" + self._events[before]
        return event if self._commits[before] == commit else "after " + event

    def commit_of(self, event: str) -> int:
        """KeyError for an event that has not been learned."""
        if event not in self._events:
            raise KeyError(event)
        return self._commits[self._events.index(event)]
