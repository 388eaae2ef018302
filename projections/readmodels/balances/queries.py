"""Queries on `balances`. All raise ReadModelUnavailable."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

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


async def accounts(
    redis: Redis,
    *,
    balance_below: int | None = None,
    currency: str | None = None,
    q: str = "",
    held: Mapping[str, str] = {},
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Accounts by last change, the newest first; with `balance_below` by balance, the lowest first.

    `balance_below` (exclusive, minor units) needs `currency`. `q` is text in the account id; accounts that are `held`
    (account id -> user id) are in the list too. Raises ValueError if `balance_below` comes without a currency, or if
    `after` did not come from a page.
    """
    if balance_below is not None and currency is None:
        raise ValueError(messages.BALANCE_WITHOUT_CURRENCY)
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        if balance_below is not None:
            ids = by_score_up(redis, f"{prefix}by_balance:{currency}", balance_below, after)
        else:
            ids = by_score_down(redis, f"{prefix}by_change", after)
        part = q.casefold()

        async def rows_of(account_ids: list[str]) -> dict[str, AccountRow]:
            found = await _rows(redis, prefix, account_ids)
            return {row.account_id: row for row in found if is_wanted(row)}

        def is_wanted(row: AccountRow) -> bool:
            by_name = row.holder is not None and row.holder == held.get(row.account_id)
            return currency in (None, row.currency) and (part in row.account_id.casefold() or by_name)

        def may_be(name: str) -> bool:
            return part in name.casefold() or name in held

        most = max(1, min(limit, LONGEST_PAGE))
        rows, further = await first_rows(ids, may_be, rows_of, most)
    return Page(accounts=tuple(rows), after=further)


async def changed(redis: Redis, values: Sequence[Value]) -> tuple[AccountRow, ...]:
    """The published values of the channel ROWS as rows, the last changed at the end."""
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
    return [
        AccountRow(account_id=name, stopped=stop, **msgspec.structs.asdict(row_of(blob)))
        for (name, blob), stop in zip(blobs.items(), stops, strict=True)
    ]


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
