"""A log with faults: those of a network, or of another writer, between the write side and its log."""

from collections.abc import Awaitable, Callable, Sequence

from eventstore.store import METASTREAM, Appended, EventStore, NewEvent, OutcomeUnknown, Recorded


class Unreliable:
    """Like `store`, but the next appends lose their replies or their requests."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.lose_replies = 0
        self.lose_requests = 0
        self.before_append: Callable[[], Awaitable[object]] | None = None
        self.appends = 0
        self.read: list[int] = []
        """How many events each read of a stream gave, without reads of metadata."""

    @property
    def reads(self) -> int:
        return len(self.read)

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        self.appends += 1
        if self.before_append:
            await self.before_append()
        if self.lose_requests:
            self.lose_requests -= 1
            raise OutcomeUnknown("the request was lost")
        appended = await self._store.append(stream, events, expected=expected)
        if self.lose_replies:
            self.lose_replies -= 1
            raise OutcomeUnknown("the reply was lost")
        return appended

    async def read_stream(
        self, stream: str, *, start: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[Recorded]:
        found = await self._store.read_stream(stream, start=start, limit=limit, backwards=backwards)
        if not stream.startswith(METASTREAM):
            self.read.append(len(found))
        return found

    async def read_all(
        self, *, prefixes: Sequence[str], before: int | None = None, limit: int
    ) -> list[Recorded]:
        return await self._store.read_all(prefixes=prefixes, before=before, limit=limit)

    async def head(self) -> int:
        return await self._store.head()

    async def first(self, *, prefixes: Sequence[str], start: int | None = None) -> Recorded | None:
        return await self._store.first(prefixes=prefixes, start=start)

    async def close(self) -> None:
        await self._store.close()
