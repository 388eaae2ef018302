"""What changed between two flushes of the live updates: bounded, however much it was."""

from collections import deque
from typing import Final

from projections.models import AccountRow, Changes, FeedItem, HistoryEntry

MANY: Final = 20
"""With more changes than this in one flush, a region is sent whole instead of row by row."""


class Batch:
    """`position` is the last one in it. Newest values win; of what overflows only the fact is kept."""

    def __init__(self) -> None:
        self.position: int | None = None
        self.resync = False
        self.accounts: dict[str, AccountRow] = {}
        self.many_accounts = False
        self.feed: deque[FeedItem] = deque(maxlen=MANY + 1)
        self.history: deque[HistoryEntry] = deque(maxlen=50 * MANY)
        self.history_cut = False

    def add(self, changes: Changes) -> None:
        self.position = changes.position
        self.resync |= changes.resync
        self._add_accounts(changes.accounts)
        self.history_cut |= len(self.history) + len(changes.history) > 50 * MANY
        self.history.extend(changes.history)
        self.feed.extend(changes.feed)

    def _add_accounts(self, rows: tuple[AccountRow, ...]) -> None:
        for row in rows:
            self.accounts.pop(row.account_id, None)
            self.accounts[row.account_id] = row
        if len(self.accounts) > 50 * MANY:
            self.accounts.clear()
            self.many_accounts = True

    @property
    def rows(self) -> int:
        """How many rows it will put on a page, or more than MANY."""
        return 50 * MANY if self.resync or self.many_accounts else max(len(self.accounts), len(self.feed))

    @property
    def has_many_accounts(self) -> bool:
        return self.many_accounts or len(self.accounts) > MANY

    @property
    def has_many_items(self) -> bool:
        return len(self.feed) > MANY

    def entries_of(self, account_id: str) -> list[HistoryEntry]:
        """Newest first."""
        return [entry for entry in reversed(self.history) if entry.account_id == account_id]
