"""Live changes: the change feeds of the read models, merged at positions that all of them have reached.

An entry of a feed is a whole commit, and the projector commits the same part of the log to each read model. So a
page always shows what one reader of the log would show: never a balance without its entry. A read model that is
missing, or that does not keep up with the others, is left out until it has caught up; the others continue.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import msgspec

from projections.engine.advance import SHORTEST_FEED
from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable, Source, answering, sources
from projections.engine.readmodel import ReadModel, channel

_BLOCK: Final = 1_000
"""Milliseconds that a feed may be silent before the generations are checked again."""
_AT_ONCE: Final = 100
_MOST_APART: Final = 5_000
"""Entries that one read model may be ahead of another before the sequence starts again."""
_PAUSE: Final = 1.0
_LAG: Final = 2.0
"""Seconds that a read model may take to reach a position that another one has reached; then it is left out."""

_published: Final = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, str, msgspec.Raw]]]).decode
_summed: Final = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw]).decode

Value = tuple[str, bytes]
"""A member of a channel (a hash field, or the rest of a list's key), and its new value as msgpack.

Of a hash of sums the member is "", and the value all its fields and their values, as a list of text.
"""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed between the previous Changes and `position`: for each channel its new values, oldest first.

    `recorded` is when the newest of its events was recorded, in 100 ns ticks since 1970 (UTC); None if it is not known.
    If `resync` is True, the sequence was broken (Redis wiped, a generation flipped, the feed trimmed, another read
    model left out): everything that is shown has to be read again.
    """

    position: int
    recorded: int | None = None
    resync: bool = False
    channels: Mapping[str, Sequence[Value]] = {}


class _Entry(msgspec.Struct, frozen=True):
    model: str
    position: int
    changes: bytes
    sums: bytes
    resync: bool


class _Broken(Exception):
    """The sequence cannot be continued."""


class _Nothing(Exception):
    """No read model is live."""


async def changes(
    redis: Redis, models: Sequence[ReadModel[Any]], after: int | None
) -> AsyncGenerator[Changes, None]:
    """Changes after position `after`, without end; None: from now on.

    The first Changes comes at once and says where the sequence begins, with `resync` if it could not begin at
    `after`. While Redis is unavailable or all read models are being rebuilt nothing comes, and then a `resync`.
    """
    resync = False
    while True:
        try:
            async with aclosing(_Tail(redis, models).run(after, resync=resync)) as tail:
                async for change in tail:
                    yield change
                    after, resync = change.position, False
        except _Broken:
            resync = True
        except (_Nothing, ReadModelUnavailable):
            resync = True
            await asyncio.sleep(_PAUSE)


class _Tail:
    """One unbroken sequence over `live`. Raises _Broken, _Nothing and ReadModelUnavailable; a `resync` follows."""

    def __init__(self, redis: Redis, models: Sequence[ReadModel[Any]]) -> None:
        self._redis, self._models = redis, models
        self._live: tuple[Source, ...] = ()
        self._pending: dict[Source, list[_Entry]] = {}
        self._ids: dict[Source, str] = {}
        self._position = 0
        self._agreed = 0.0
        """The time at which the feeds last had a position in common, or nothing was pending."""

    async def run(self, after: int | None, *, resync: bool) -> AsyncGenerator[Changes, None]:
        await self._start(None if resync else after)
        yield Changes(position=self._position, resync=resync or after not in (None, self._position))
        clock = asyncio.get_running_loop().time
        looked = self._agreed = clock()
        while True:
            arrived = await self._read()
            if arrived and (position := _common(self._pending)) is not None:
                yield _merged(position, _take(self._pending, position))
                self._position, self._agreed = position, clock()
            if not any(self._pending.values()):
                self._agreed = clock()
            elif clock() - self._agreed > _LAG:
                raise _Broken
            if not arrived or clock() - looked > _BLOCK / 1000:
                await self._look()
                looked = clock()

    async def _start(self, after: int | None) -> None:
        """At `after` if the feeds still hold everything after it; otherwise at a position that all have reached."""
        live = await self._sources()
        if after is not None and await self._published_since(live, after):
            self._begin(live, after)
            return
        furthest = max(source.checkpoint for source in live)
        deadline = asyncio.get_running_loop().time() + _LAG
        while min(source.checkpoint for source in live) < furthest:
            if asyncio.get_running_loop().time() > deadline:
                live = tuple(source for source in live if source.checkpoint >= furthest)
                break
            await asyncio.sleep(0.02)
            live = await self._sources()
        if not live:
            raise _Nothing
        self._begin(live, furthest)

    def _begin(self, live: tuple[Source, ...], position: int) -> None:
        self._live, self._position = live, position
        self._pending = {source: [] for source in live}
        self._ids = dict.fromkeys(live, f"{position}-{2**64 - 1}")

    async def _sources(self) -> tuple[Source, ...]:
        async with answering():
            found = await sources(self._redis, self._models)
        if not found:
            raise _Nothing
        return found

    async def _published_since(self, live: Iterable[Source], after: int) -> bool:
        """Whether the feeds still hold everything after position `after`."""
        async with answering():
            for source in live:
                first: Any = await self._redis.xrange(f"{source.prefix}changes", count=1)
                if not first or _position(first[0][0]) > after or after > source.checkpoint:
                    return False
        return True

    async def _read(self) -> bool:
        """Wait for new entries of the feeds and move them to `pending`; False if none came for a while."""
        streams: dict[Any, Any] = {f"{source.prefix}changes": at for source, at in self._ids.items()}
        async with answering():
            found: Any = await self._redis.xread(streams, count=_AT_ONCE, block=_BLOCK)
        for source, pending in self._pending.items():
            for entries in (found or {}).get(f"{source.prefix}changes".encode(), ()):
                if len(entries) >= SHORTEST_FEED:
                    await self._check_untrimmed(source)
                for entry_id, fields in entries:
                    pending.append(_entry(source.name, entry_id, fields))
                    self._ids[source] = entry_id.decode()
            if len(pending) > _MOST_APART:
                raise _Broken
        return bool(found)

    async def _check_untrimmed(self, source: Source) -> None:
        """Raises _Broken if entries after the last one that was read may have been trimmed.

        A feed is never trimmed to less than SHORTEST_FEED entries: with fewer left to read, none was.
        """
        async with answering():
            first: Any = await self._redis.xrange(f"{source.prefix}changes", count=1)
        if not first or _position(first[0][0]) > _position(self._ids[source].encode()):
            raise _Broken

    async def _look(self) -> None:
        """Raises _Broken if other generations are live by now, one that was left out has caught up, or Redis was wiped
        or restored from a backup."""
        now = {source.name: source for source in await self._sources()}
        for source in self._live:
            found = now.pop(source.name, None)
            if found is None or (found.number, found.epoch) != (source.number, source.epoch):
                raise _Broken
            if found.checkpoint < source.checkpoint:
                raise _Broken
        if any(left_out.checkpoint >= self._position for left_out in now.values()):
            raise _Broken


def _common(pending: Mapping[Source, list[_Entry]]) -> int | None:
    """The last position at which an entry of every feed ends."""
    ends = [{entry.position for entry in entries} for entries in pending.values()]
    return max(set.intersection(*ends), default=None)


def _take(pending: dict[Source, list[_Entry]], position: int) -> list[_Entry]:
    taken: list[_Entry] = []
    for source, entries in pending.items():
        taken += (entry for entry in entries if entry.position <= position)
        pending[source] = [entry for entry in entries if entry.position > position]
    return taken


def _entry(model: str, entry_id: bytes, fields: Mapping[bytes, bytes]) -> _Entry:
    resync = fields[b"resync"] == b"1"
    return _Entry(model, _position(entry_id), fields[b"changes"], fields.get(b"sums", b""), resync)


def _merged(position: int, entries: Sequence[_Entry]) -> Changes:
    channels: dict[str, list[Value]] = {}
    recorded = []
    for entry in entries:
        if entry.changes:
            at, values = _published(entry.changes)
            recorded.append(at)
            for name, member, value in values:
                channels.setdefault(name, []).append((member, bytes(value)))
        if entry.sums:
            key, sums = _summed(entry.sums)
            channels.setdefault(channel(entry.model, key), []).append(("", bytes(sums)))
    resync = any(entry.resync for entry in entries)
    newest = max(recorded, default=None)
    return Changes(position=position, recorded=newest, resync=resync, channels={} if resync else channels)


def _position(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
