"""Queries on `balances`. All raise ReadModelUnavailable."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from domain.accounts import ACCOUNTS
from projections import messages
from projections.engine.changes import Value
from projections.engine.clients import Redis
from projections.engine.paging import by_score_down, by_score_up, first_rows
from projections.engine.reading import LONGEST_PAGE, answering, live_prefix, withdrawn
from projections.engine.stopped import Stopped, stopped_among
from projections.readmodels.balances.stored import HIGH, MODEL, ActiveHold, row_of


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account as of its last event that counts. `last_amount` is None if that event moved no money.

    `state` is "open", "frozen" or "closed"; `stopped` says why later events do not count, if there are any.
    """

    account_id: str
    holder: str | None
    state: str
    currency: str
    balance: int
    held: int
    overdraft: int
    last_amount: int | None
    revision: int
    position: int
    changed: int
    holds: tuple[ActiveHold, ...] = ()
    stopped: Stopped | None = None

    @property
    def available(self) -> int:
        return self.balance - self.held + self.overdraft


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts a list has. `balance_below` (exclusive, minor units) needs `currency`.

    `q` is text in the account id; accounts that are `held` (account id -> user id) are in the list too.
    """

    balance_below: int | None = None
    currency: str | None = None
    q: str = ""
    held: Mapping[str, str] = {}

    def may_be(self, account_id: str) -> bool:
        return self.q.casefold() in account_id.casefold() or account_id in self.held

    def has(self, row: AccountRow) -> bool:
        by_id = self.q.casefold() in row.account_id.casefold()
        by_name = row.holder is not None and row.holder == self.held.get(row.account_id)
        below = self.balance_below is None or row.balance < self.balance_below
        return below and self.currency in (None, row.currency) and (by_id or by_name)


ALL: Final = Wanted()


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts together: the sum of balances by currency, how many accounts, how many events.

    `in_flight` is what transfers have taken from one account and not brought to another yet, by currency.
    """

    balances: dict[str, int]
    in_flight: dict[str, int]
    accounts: int
    events: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; None at its end."""

    accounts: tuple[AccountRow, ...]
    after: str | None


async def account(redis: Redis, account_id: str) -> AccountRow | None:
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        rows: list[Any] = await redis.hmget(f"{prefix}rows", [account_id])
        if rows[0] is not None:
            return (await _with_stops(redis, prefix, {account_id: rows[0]}))[0]
        # If it has a place by now, its row is there too, or lost.
        place = await redis.zscore(f"{prefix}by_change", account_id)
        return None if place is None else (await _rows(redis, prefix, [account_id]))[0]


async def several(redis: Redis, account_ids: Collection[str]) -> dict[str, AccountRow]:
    """Those of `account_ids` that there are."""
    wanted = list(account_ids)
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        blobs: list[Any] = await redis.hmget(f"{prefix}rows", wanted) if wanted else []
        known = {name: blob for name, blob in zip(wanted, blobs, strict=True) if blob is not None}
        return {row.account_id: row for row in await _with_stops(redis, prefix, known)}


async def stopped(redis: Redis, account_id: str) -> Stopped | None:
    """Also of an account that has no row: if its first event does not count."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await stopped_among(redis, prefix, [ACCOUNTS.stream(account_id)])
    return found[0]


async def totals(redis: Redis) -> Totals:
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found: dict[Any, Any] = await redis.hgetall(f"{prefix}totals")
    return totals_of(found)


async def accounts(redis: Redis, wanted: Wanted = ALL, *, after: str | None = None, limit: int = 50) -> Page:
    """Accounts by last change, the newest first; with `balance_below` by balance, the lowest first.

    Raises ValueError if `balance_below` comes without a currency, or if `after` did not come from a page.
    """
    if wanted.balance_below is not None and wanted.currency is None:
        raise ValueError(messages.BALANCE_WITHOUT_CURRENCY)
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        if wanted.balance_below is not None:
            key = f"{prefix}by_balance:{wanted.currency}"
            ids = by_score_up(redis, key, wanted.balance_below, after)
        else:
            ids = by_score_down(redis, f"{prefix}by_change", after)

        async def rows_of(account_ids: list[str]) -> dict[str, AccountRow]:
            return {row.account_id: row for row in await _rows(redis, prefix, account_ids) if wanted.has(row)}

        most = max(1, min(limit, LONGEST_PAGE))
        rows, further = await first_rows(ids, wanted.may_be, rows_of, most)
    return Page(accounts=tuple(rows), after=further)


async def all_accounts(redis: Redis, wanted: Wanted = ALL) -> AsyncIterator[tuple[AccountRow, ...]]:
    """Every account of that list once, in its order, in parts.

    One that changes meanwhile may move out of the part that is still to be read. So those that have changed are looked
    at afterwards; they come at the end. Only the ids of what was found are remembered.
    """
    found = set[str]()
    since = await _last_change(redis)
    async for rows in _parts(redis, wanted):
        yield _new(rows, found)
    is_complete = False
    while not is_complete:
        newest, is_complete = await _last_change(redis), True
        async for rows in _parts(redis, ALL):
            yield _new([row for row in rows if row.position > since and wanted.has(row)], found)
            if not rows or rows[-1].position <= since:
                break
            is_complete = False  # read in several parts, between which others may have changed
        since = newest


async def _parts(redis: Redis, wanted: Wanted) -> AsyncIterator[tuple[AccountRow, ...]]:
    after: str | None = None
    while True:
        page = await accounts(redis, wanted, after=after, limit=LONGEST_PAGE)
        yield page.accounts
        if page.after is None:
            return
        after = page.after


def _new(rows: Iterable[AccountRow], found: set[str]) -> tuple[AccountRow, ...]:
    """Those that were not found before."""
    new = tuple(row for row in rows if row.account_id not in found)
    found.update(row.account_id for row in new)
    return new


async def _last_change(redis: Redis) -> int:
    newest = await accounts(redis, limit=1)
    return newest.accounts[0].position if newest.accounts else 0


async def changed(
    redis: Redis, values: Sequence[Value], *, is_any_stopped: bool = True
) -> tuple[AccountRow, ...]:
    """The published values of the channel ROWS as rows, the last changed at the end.

    `is_any_stopped`: whether some stream may be stopped. If not, nothing is read.
    """
    if not is_any_stopped:
        found = [_row(name, blob, None) for name, blob in values]
    else:
        async with answering():
            prefix = await live_prefix(redis, MODEL)
            found = await _with_stops(redis, prefix, dict(values))
    return tuple(sorted(found, key=lambda row: row.position))


async def _rows(redis: Redis, prefix: str, account_ids: list[str]) -> list[AccountRow]:
    """The rows of accounts that have a place in a list. Raises ReadModelMissing if one was lost."""
    blobs: list[Any] = await redis.hmget(f"{prefix}rows", account_ids)
    if None in blobs:
        raise await withdrawn(redis, MODEL, prefix)
    return await _with_stops(redis, prefix, dict(zip(account_ids, blobs, strict=True)))


async def _with_stops(redis: Redis, prefix: str, blobs: dict[str, bytes]) -> list[AccountRow]:
    stops = await stopped_among(redis, prefix, [ACCOUNTS.stream(name) for name in blobs])
    return [_row(name, blob, stop) for (name, blob), stop in zip(blobs.items(), stops, strict=True)]


def _row(name: str, blob: bytes, stop: Stopped | None) -> AccountRow:
    return AccountRow(account_id=name, stopped=stop, **msgspec.structs.asdict(row_of(blob)))


_texts: Final = msgspec.msgpack.Decoder(list[str]).decode


def changed_totals(value: bytes) -> Totals:
    """From what was published of them."""
    texts = iter(text.encode() for text in _texts(value))
    return totals_of(dict(zip(texts, texts, strict=True)))


def totals_of(fields: dict[bytes, bytes]) -> Totals:
    sums: dict[str, dict[str, int]] = {"balance": {}, "in_flight": {}}
    for field, value in fields.items():
        kind, _, rest = field.decode().partition(":")
        if kind in sums:
            code, _, high = rest.partition(":")
            sums[kind][code] = sums[kind].get(code, 0) + int(value) * (HIGH if high else 1)
    return Totals(
        balances=sums["balance"],
        in_flight=sums["in_flight"],
        accounts=int(fields.get(b"accounts", 0)),
        events=int(fields.get(b"events", 0)),
    )
