"""Live changes: the change feeds of all live projections, merged at positions that all of them have reached.

An entry of a feed is a whole commit, and the projector commits the same stretch of the log to each projection. So what
is shown is always what one reader of the log would show: never a balance without its entry.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, Final

import msgspec

from projections import stored
from projections.clients import Redis
from projections.live import ReadModelMissing, ReadModelUnavailable, Source, answering, sources
from projections.models import AccountRow, Changes

_BLOCK: Final = 1_000
"""Milliseconds: how long a silent feed is waited for before the generations are looked at again."""
_AT_ONCE: Final = 100
_MOST_APART: Final = 5_000
"""Entries that one projection may be ahead of another before the tail starts anew."""
_PAUSE: Final = 1.0

_pairs: Final = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]]).decode


class _Entry(msgspec.Struct, frozen=True):
    position: int
    changes: bytes
    resync: bool


class _Broken(Exception):
    """The sequence cannot be continued."""


async def changes(redis: Redis, after: int | None) -> AsyncGenerator[Changes, None]:
    """What changes after position `after`, forever; None: from now on.

    The first Changes comes at once and says where the sequence begins, with `resync` where it could not begin at
    `after`. While Redis is away or the read models are being rebuilt nothing comes, and then a `resync`.
    """
    resync = False
    while True:
        try:
            async with aclosing(_tail(redis, after, resync=resync)) as tail:
                async for change in tail:
                    yield change
                    after, resync = change.position, False
        except (_Broken, ReadModelUnavailable) as broken:
            resync = True
            if isinstance(broken, ReadModelUnavailable):
                await asyncio.sleep(_PAUSE)


async def _tail(redis: Redis, after: int | None, *, resync: bool) -> AsyncGenerator[Changes, None]:
    """Raises _Broken and ReadModelUnavailable; then what follows is a `resync`."""
    live, start = await _start(redis, None if resync else after)
    yield _nothing(start, resync=resync or after not in (None, start))
    pending: dict[Source, list[_Entry]] = {source: [] for source in live}
    ids = dict.fromkeys(live, f"{start}-{2**64 - 1}")
    looked = asyncio.get_running_loop().time()
    while True:
        arrived = await _read(redis, ids, pending)
        if arrived and (position := _common(pending)) is not None:
            yield await _merged(redis, position, _take(pending, position))
        if not arrived or asyncio.get_running_loop().time() - looked > _BLOCK / 1000:
            await _look(redis, live)
            looked = asyncio.get_running_loop().time()


async def _start(redis: Redis, after: int | None) -> tuple[tuple[Source, ...], int]:
    """`after` where all that follows it is still told; else a position that every projection has reached."""
    async with answering():
        live = await sources(redis)
        if after is not None and await _kept(redis, live, after):
            return live, after
    furthest = max(source.checkpoint for source in live)
    pause = 0.01
    while min(source.checkpoint for source in live) < furthest:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _PAUSE)
        async with answering():
            live = await sources(redis)
    return live, furthest


async def _kept(redis: Redis, live: Iterable[Source], after: int) -> bool:
    """Whether the feeds still hold everything after position `after`."""
    for source in live:
        first: Any = await redis.xrange(f"{source.prefix}changes", count=1)
        if not first or _position(first[0][0]) > after or after > source.checkpoint:
            return False
    return True


async def _read(redis: Redis, ids: dict[Source, str], pending: dict[Source, list[_Entry]]) -> bool:
    """Move what is new from the feeds to `pending`, waiting for it; False where there was none for a while."""
    streams: dict[Any, Any] = {f"{source.prefix}changes": ids[source] for source in ids}
    async with answering():
        found: Any = await redis.xread(streams, count=_AT_ONCE, block=_BLOCK)
    for source in ids:
        for entries in (found or {}).get(f"{source.prefix}changes".encode(), ()):
            for entry_id, fields in entries:
                entry = _Entry(_position(entry_id), fields[b"changes"], fields[b"resync"] == b"1")
                pending[source].append(entry)
                ids[source] = entry_id.decode()
        if len(pending[source]) > _MOST_APART:
            raise _Broken
    return bool(found)


def _common(pending: dict[Source, list[_Entry]]) -> int | None:
    """The last position at which an entry of every feed ends."""
    ends = [{entry.position for entry in entries} for entries in pending.values()]
    return max(set.intersection(*ends), default=None)


def _take(pending: dict[Source, list[_Entry]], position: int) -> dict[Source, list[_Entry]]:
    taken = {}
    for source, entries in pending.items():
        taken[source] = [entry for entry in entries if entry.position <= position]
        pending[source] = entries[len(taken[source]) :]
    return taken


async def _merged(redis: Redis, position: int, taken: dict[Source, list[_Entry]]) -> Changes:
    if any(entry.resync for entries in taken.values() for entry in entries):
        return _nothing(position, resync=True)
    told = {
        source.name: [pair for entry in entries for pair in _pairs(entry.changes)]
        for source, entries in taken.items()
    }
    balances = next(source for source in taken if source.name == "balances")
    return Changes(
        position=position,
        resync=False,
        accounts=await _accounts(redis, balances, dict(told["balances"])),
        history=tuple(stored.history_entry(name, bytes(blob)) for name, blob in told["history"]),
        feed=tuple(stored.feed_item(bytes(blob)) for _, blob in told["feed"]),
    )


async def _accounts(redis: Redis, balances: Source, rows: dict[str, msgspec.Raw]) -> tuple[AccountRow, ...]:
    """The rows, those that changed last at the end."""
    if not rows:
        return ()
    async with answering():
        owners: list[Any] = await redis.hmget(f"{balances.prefix}owners", list(rows))
    made = [
        stored.account_row(account_id, bytes(blob), owner)
        for (account_id, blob), owner in zip(rows.items(), owners, strict=True)
    ]
    return tuple(sorted(made, key=lambda row: row.position))


async def _look(redis: Redis, live: tuple[Source, ...]) -> None:
    """Raises _Broken where other generations are live by now, or Redis was wiped or set back."""
    async with answering():
        now = await sources(redis)
    for before, source in zip(live, now, strict=True):
        moved = (before.number, before.epoch) != (source.number, source.epoch)
        if moved or source.checkpoint < before.checkpoint:
            raise _Broken


def _nothing(position: int, *, resync: bool) -> Changes:
    return Changes(position=position, resync=resync, accounts=(), history=(), feed=())


def _position(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


__all__ = ["Changes", "ReadModelMissing", "changes"]
