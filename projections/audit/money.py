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
from projections.engine.writes import encode
from projections.readmodels.balances import row_of, totals_of
from projections.readmodels.history import place_of

_TOGETHER: Final = 200


def balances(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    prefix = generation.prefix
    known = _accounts(client, f"{prefix}rows", books)
    at_one_position(client, generation, books, lambda pipeline: None)
    for ids in _chunks(known):
        currencies = [books.accounts[name].currency if name in books.accounts else "" for name in ids]

        def ask(pipeline: Any, ids: list[str] = ids, currencies: list[str] = currencies) -> None:
            pipeline.hmget(f"{prefix}rows", ids)
            pipeline.zmscore(f"{prefix}by_change", ids)
            for account_id, currency in zip(ids, currencies, strict=True):
                pipeline.zscore(f"{prefix}by_balance:{currency}", account_id)

        rows, changed, *scores = at_one_position(client, generation, books, ask)
        for account_id, *found in zip(ids, rows, changed, scores, strict=True):
            yield from _row(account_id, books.accounts.get(account_id), *found)
    yield from _totals(client, generation, books)


def _row(
    account_id: str,
    account: Account | None,
    blob: bytes | None,
    changed: float | None,
    balance: float | None,
) -> Iterator[str]:
    found = None if blob is None else row_of(blob)
    expected = None if account is None else account.row()
    if found != expected:
        yield messages.row_differs(account_id, str(found), str(expected))
    if account is not None and (changed, balance) != (account.newest.position, account.balance):
        yield messages.place_differs(account_id, str(changed), str(balance))


def _totals(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    prefix = generation.prefix
    fields, ordered = at_one_position(
        client,
        generation,
        books,
        lambda pipeline: (pipeline.hgetall(f"{prefix}totals"), pipeline.zcard(f"{prefix}by_change")),
    )
    balances = {code: sum_ for code, sum_ in books.balances().items() if sum_}
    in_flight = {code: sum_ for code, sum_ in books.money_in_flight().items() if sum_}
    totals = totals_of(fields)
    counted = (
        {code: sum_ for code, sum_ in totals.balances.items() if sum_},
        {code: sum_ for code, sum_ in totals.in_flight.items() if sum_},
        totals.accounts,
        totals.events,
        ordered,
    )
    expected = (balances, in_flight, len(books.accounts), books.events, len(books.accounts))
    if counted != expected:
        yield messages.totals_differ(str(counted), str(expected))


def history(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    at_one_position(client, generation, books, lambda pipeline: None)
    stray = _names(client, generation, "entries")
    for ids in _chunks(dict.fromkeys([*books.accounts, *sorted(stray)])):
        for account_id, blobs in _lists(client, generation, books, "entries", ids):
            account = books.accounts.get(account_id)
            expected = array("q") if account is None else account.entries
            found = array("q", map(hash, blobs))
            if found != expected:
                yield _entries_differ(account_id, found, expected)
    yield from _reversals(client, generation, books)
    yield from _references(client, generation, books)


def _reversals(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    (found,) = at_one_position(
        client, generation, books, lambda pipeline: pipeline.hgetall(f"{generation.prefix}reversals")
    )
    expected = {undone.hex.encode(): encode(reversal) for undone, reversal in books.reversals.items()}
    if found != expected:
        yield messages.reversals_differ(len(found), len(expected))


def _references(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    stray = _names(client, generation, "reference")
    for references in _chunks(dict.fromkeys([*books.references, *sorted(stray)])):
        for reference, blobs in _lists(client, generation, books, "reference", references):
            found = [(place.position, place.account_id) for place in map(place_of, blobs)]
            if found != books.references.get(reference, []):
                yield messages.references_differ(reference)


def _names(client: redis.Redis, generation: Generation, kind: str) -> set[str]:
    """The members of all lists of one kind: account ids, or references."""
    beginning = f"{generation.prefix}{kind}:".encode()
    return {
        key.removeprefix(beginning).decode()
        for batch in key_names(client, generation.name, generation.number)
        for key in batch
        if key.startswith(beginning)
    }


def _lists(
    client: redis.Redis, generation: Generation, books: Books, kind: str, members: Sequence[str]
) -> Iterator[tuple[str, list[bytes]]]:
    def ask(pipeline: Any) -> None:
        for member in members:
            pipeline.lrange(f"{generation.prefix}{kind}:{member}", 0, -1)

    yield from zip(members, at_one_position(client, generation, books, ask), strict=True)


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
