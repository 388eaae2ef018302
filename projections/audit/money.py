"""The read models of money against the books. Each function returns a sentence for each difference."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import redis

from projections import messages
from projections.audit.books import Account, Books
from projections.audit.reading import at_one_position
from projections.engine.generations import Generation, key_names
from projections.readmodels.balances import row_of, totals_of

_TOGETHER: Final = 200


def balances(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    prefix = generation.prefix
    known = _accounts(client, f"{prefix}rows", books)
    at_one_position(client, generation, books, lambda pipeline: None)
    for ids in _chunks(known):
        currencies = [books.accounts[name].currency if name in books.accounts else "" for name in ids]

        def ask(pipeline: Any, ids: list[str] = ids, currencies: list[str] = currencies) -> None:
            pipeline.hmget(f"{prefix}rows", ids)
            pipeline.hmget(f"{prefix}owners", ids)
            pipeline.zmscore(f"{prefix}by_change", ids)
            for account_id, currency in zip(ids, currencies, strict=True):
                pipeline.zscore(f"{prefix}by_balance:{currency}", account_id)

        rows, owners, changed, *scores = at_one_position(client, generation, books, ask)
        for account_id, *found in zip(ids, rows, owners, changed, scores, strict=True):
            yield from _row(account_id, books.accounts.get(account_id), *found)
    yield from _totals(client, generation, books)


def _row(
    account_id: str,
    account: Account | None,
    blob: bytes | None,
    owner: bytes | None,
    changed: float | None,
    balance: float | None,
) -> Iterator[str]:
    found = None if blob is None else row_of(blob)
    expected = None if account is None else account.row()
    if found != expected:
        yield messages.row_differs(account_id, str(found), str(expected))
    if account is not None and (owner and owner.decode(), changed, balance) != (
        account.owner,
        account.newest.position,
        account.balance,
    ):
        yield messages.place_differs(account_id, repr(owner), str(changed), str(balance))


def _totals(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    prefix = generation.prefix
    fields, ordered = at_one_position(
        client,
        generation,
        books,
        lambda pipeline: (pipeline.hgetall(f"{prefix}totals"), pipeline.zcard(f"{prefix}by_change")),
    )
    held = {code: sum_ for code, sum_ in books.held().items() if sum_}
    totals = totals_of(fields)
    counted = (
        {code: sum_ for code, sum_ in totals.held.items() if sum_},
        totals.accounts,
        totals.events,
        ordered,
    )
    expected = (held, len(books.accounts), books.events, len(books.accounts))
    if counted != expected:
        yield messages.totals_differ(str(counted), str(expected))


def history(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    at_one_position(client, generation, books, lambda pipeline: None)
    start = len(f"{generation.prefix}entries:")
    stray = {
        key[start:].decode()
        for batch in key_names(client, generation.name, generation.number)
        for key in batch
        if key[start - 8 : start] == b"entries:"
    }
    for ids in _chunks(dict.fromkeys([*books.accounts, *sorted(stray)])):

        def ask(pipeline: Any, ids: list[str] = ids) -> None:
            for account_id in ids:
                pipeline.lrange(f"{generation.prefix}entries:{account_id}", 0, -1)

        for account_id, blobs in zip(ids, at_one_position(client, generation, books, ask), strict=True):
            account = books.accounts.get(account_id)
            expected = array("q") if account is None else account.entries
            found = array("q", map(hash, blobs))
            if found != expected:
                yield _entries_differ(account_id, found, expected)


def _entries_differ(account_id: str, found: Sequence[int], expected: Sequence[int]) -> str:
    for index, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            return messages.entry_differs(account_id, index + 1, len(expected))
    return messages.number_of_entries_differs(account_id, len(found), len(expected))


def feed(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    (found,) = at_one_position(
        client, generation, books, lambda pipeline: pipeline.lrange(f"{generation.prefix}items", 0, -1)
    )
    if found != list(books.items):
        yield messages.feed_differs(len(found), len(books.items))


def _accounts(client: redis.Redis, rows: str, books: Books) -> Iterable[str]:
    """All accounts in the books or in the hash `rows`."""
    known: Any = client.hkeys(rows)
    return dict.fromkeys([*books.accounts, *(name.decode() for name in known)])


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(ids)
    while chunk := list(islice(waiting, _TOGETHER)):
        yield chunk
