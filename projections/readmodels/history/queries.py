"""Queries on `history`. All raise ReadModelUnavailable."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from projections.engine.changes import Value
from projections.engine.clients import Redis
from projections.engine.reading import LONGEST_PAGE, answering, live_prefix, newest
from projections.readmodels.history.stored import MODEL, Entry, Reversal, entry_of, place_of, reversal_of


async def entries(
    redis: Redis, account_id: str, *, before: int | None = None, limit: int = 50
) -> tuple[Entry, ...]:
    """The account's entries below position `before`, newest first."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await newest(redis, f"{prefix}entries:{account_id}", before, limit)
    return tuple(map(entry_of, found))


async def entry(redis: Redis, account_id: str, entry_id: UUID, *, before: int | None = None) -> Entry | None:
    """The account's entry with this id, below position `before`. None: it has none.

    There is no index of ids: it is searched from the newest on, about 1 ms for each LONGEST_PAGE newer entries.
    """
    while found := await entries(redis, account_id, before=before, limit=LONGEST_PAGE):
        for each in found:
            if each.id == entry_id.bytes:
                return each
        before = found[-1].position
    return None


async def reversals(redis: Redis, entry_ids: Sequence[UUID]) -> dict[UUID, Reversal]:
    """For each of the entries that was undone: the one that undid it."""
    if not entry_ids:
        return {}
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found: list[Any] = await redis.hmget(f"{prefix}reversals", [each.hex for each in entry_ids])
    return {each: reversal_of(blob) for each, blob in zip(entry_ids, found, strict=True) if blob is not None}


async def with_reference(redis: Redis, reference: str, *, limit: int = 50) -> tuple[tuple[str, Entry], ...]:
    """The newest entries that have exactly this reference, newest first, each with its account id."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        places = map(place_of, await newest(redis, f"{prefix}reference:{reference}", None, limit))
        return tuple(
            [
                (place.account_id, entry_of(blob))
                for place in places
                for blob in await newest(redis, f"{prefix}entries:{place.account_id}", place.position + 1, 1)
            ]
        )


def changed(values: Iterable[Value]) -> tuple[tuple[str, Entry], ...]:
    """The published values of the channel ENTRIES: account ids and their new entries."""
    return tuple((account_id, entry_of(blob)) for account_id, blob in values)
