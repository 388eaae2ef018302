"""Compare the live read models with the log, entry by entry, and say in sentences where they differ.

Each part of a read model is read in one step with its checkpoint and compared with the books at exactly that position,
so the projector may go on meanwhile.
"""

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import redis

from eventstore.store import EventLog
from projections import generations, stored
from projections.books import Account, Books
from projections.catalog import NAMES
from projections.generations import Generation

_TOGETHER: Final = 200
_PATIENCE: Final = 10.0
"""Seconds for a projection to come to where another one stands."""


class StandsStill(Exception):
    """A projection does not come to where another one stands: no projector runs."""


def audit(event_log: EventLog, client: redis.Redis) -> list[str]:
    """Nothing where the read models are what the log says. Raises StandsStill, Gone, StoreUnavailable, RedisError."""
    found = {name: generations.load(client, name) for name in NAMES}
    live = {
        name: generation for name, generation in found.items() if generation is not None and generation.live
    }
    if len(live) < len(NAMES):
        return [f"The read model {name} is missing." for name in NAMES if name not in live]
    books = Books(event_log)
    books.advance(min(generation.checkpoint for generation in live.values()))
    differences = [sentence for generation in live.values() for sentence in _parked(client, generation)]
    differences += _balances(client, live["balances"], books)
    differences += _history(client, live["history"], books)
    differences += _feed(client, live["feed"], books)
    return [*books.faults, *differences]


Ask = Callable[["redis.client.Pipeline"], object]


def _at_one_position(client: redis.Redis, generation: Generation, books: Books, ask: Ask) -> list[Any]:
    """What `ask` asks for, read in one step with the checkpoint to which the books are then brought."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.hget(f"{generation.prefix}meta", "checkpoint")
            ask(pipeline)
            checkpoint, *replies = pipeline.execute()
        if checkpoint is None:
            raise generations.Gone(
                f"{generation.prefix} is gone: Redis was wiped, or it was replaced. Audit again."
            )
        if int(checkpoint) >= books.position:
            books.advance(int(checkpoint))
            return replies
        if time.monotonic() > deadline:
            raise StandsStill(
                f"{generation.name} stands still at {int(checkpoint)}, behind {books.position}."
            )
        time.sleep(0.05)


def _parked(client: redis.Redis, generation: Generation) -> Iterator[str]:
    parked: dict[Any, Any] = client.hgetall(f"{generation.prefix}parked")
    for stream, blob in parked.items():
        why = stored.parked(blob)
        yield f"{generation.name}: {stream.decode()} is parked since its event {why.revision}: {why.reason}"


def _balances(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    prefix = generation.prefix
    known = _accounts(client, f"{prefix}rows", books)
    _at_one_position(client, generation, books, lambda pipeline: None)
    for ids in _chunks(known):
        currencies = [books.accounts[name].currency if name in books.accounts else "" for name in ids]

        def ask(pipeline: Any, ids: list[str] = ids, currencies: list[str] = currencies) -> None:
            pipeline.hmget(f"{prefix}rows", ids)
            pipeline.hmget(f"{prefix}owners", ids)
            pipeline.zmscore(f"{prefix}by_change", ids)
            for account_id, currency in zip(ids, currencies, strict=True):
                pipeline.zscore(f"{prefix}by_balance:{currency}", account_id)

        rows, owners, changed, *balances = _at_one_position(client, generation, books, ask)
        for account_id, *found in zip(ids, rows, owners, changed, balances, strict=True):
            yield from _row(account_id, books.accounts.get(account_id), *found)
    fields, ordered = _at_one_position(
        client,
        generation,
        books,
        lambda pipeline: (pipeline.hgetall(f"{prefix}totals"), pipeline.zcard(f"{prefix}by_change")),
    )
    held = {code: sum_ for code, sum_ in books.held().items() if sum_}
    told = stored.totals(fields)
    counted = ({code: sum_ for code, sum_ in told.held.items() if sum_}, told.accounts, told.events, ordered)
    expected = (held, len(books.accounts), books.events, len(books.accounts))
    if counted != expected:
        yield f"balances: the totals are {counted}, not {expected} as the log says."


def _row(
    account_id: str,
    account: Account | None,
    blob: bytes | None,
    owner: bytes | None,
    changed: float | None,
    balance: float | None,
) -> Iterator[str]:
    found = None if blob is None else stored.row(blob)
    expected = None if account is None else account.row()
    if found != expected:
        yield f"balances: {account_id} is {found}, not {expected} as the log says."
    if account is not None and (owner and owner.decode(), changed, balance) != (
        account.owner,
        account.newest.position,
        account.balance,
    ):
        yield f"balances: the owner or place of {account_id} ({owner!r}, {changed}, {balance}) is wrong."


def _history(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    start = len(f"{generation.prefix}entries:")
    stray = {
        key[start:].decode()
        for batch in generations.key_names(client, generation.name, generation.number)
        for key in batch
        if key[start - 8 : start] == b"entries:"
    }
    for ids in _chunks(dict.fromkeys([*books.accounts, *sorted(stray)])):

        def ask(pipeline: Any, ids: list[str] = ids) -> None:
            for account_id in ids:
                pipeline.lrange(f"{generation.prefix}entries:{account_id}", 0, -1)

        for account_id, blobs in zip(ids, _at_one_position(client, generation, books, ask), strict=True):
            account = books.accounts.get(account_id)
            expected = array("q") if account is None else account.entries
            found = array("q", map(hash, blobs))
            if found != expected:
                yield f"history: {account_id} {_first_wrong(found, expected)}."


def _first_wrong(found: Sequence[int], expected: Sequence[int]) -> str:
    for index, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            return f"is not as the log says from its entry {index} on (of {len(expected)})"
    return f"has {len(found)} entries, not {len(expected)} as the log says"


def _feed(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    (found,) = _at_one_position(
        client, generation, books, lambda pipeline: pipeline.lrange(f"{generation.prefix}items", 0, -1)
    )
    if found != list(books.items):
        yield f"feed: its {len(found)} items are not the newest {len(books.items)} of the log."


def _accounts(client: redis.Redis, rows: str, books: Books) -> Iterable[str]:
    """All that the books or the hash `rows` know."""
    known: Any = client.hkeys(rows)
    return dict.fromkeys([*books.accounts, *(name.decode() for name in known)])


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(ids)
    while chunk := list(islice(waiting, _TOGETHER)):
        yield chunk
