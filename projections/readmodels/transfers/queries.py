"""Queries on `transfers`. All raise ReadModelUnavailable."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from domain.accounts import Decline
from domain.transfers import TRANSFERS, State
from projections.engine.changes import Value
from projections.engine.clients import Redis
from projections.engine.paging import Cursor, Placed, by_score_down, first_rows
from projections.engine.reading import LONGEST_PAGE, answering, live_prefix, withdrawn
from projections.engine.stopped import Stopped, stopped_among
from projections.readmodels.transfers.shapes import ENDS, Row, moment_of, row_of
from projections.readmodels.transfers.stored import MODEL

STATES: Final = ("requested", "debited", "credited", *ENDS)
"""What a transfer can be for whoever looks at it, in order."""
_STEPS: Final[tuple[State, ...]] = ("requested", "debited", "declined", "credited", *ENDS)


class Step(msgspec.Struct, frozen=True):
    """The transfer came to `state`, which may be `declined` too. `recorded` is in 100 ns ticks since 1970 (UTC)."""

    state: State
    position: int
    recorded: int


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as of its last event that counts. `amount` is in minor units of `currency`; times are ticks.

    `state` is one of STATES: a transfer whose credit was declined is `debited`, with a `reason`, until it is refunded.
    `debit`, `credit` and `refund` are ids of entries. `reversed_by` is a transfer that has not failed. `steps` are
    oldest first. `stopped` says why later events do not count, if there are any.
    """

    transfer_id: UUID
    state: str
    from_account: str
    to_account: str
    amount: int
    currency: str
    value_date: date
    note: str
    reference: str
    debit: UUID | None
    credit: UUID | None
    refund: UUID | None
    reason: Decline | None
    reverses: UUID | None
    reversed_by: UUID | None
    requested: int
    changed: int
    position: int
    revision: int
    steps: tuple[Step, ...]
    stopped: Stopped | None = None

    @property
    def is_under_way(self) -> bool:
        return self.state not in ENDS

    @property
    def place(self) -> int:
        """The position of the request."""
        return self.steps[0].position


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; None at its end."""

    transfers: tuple[Transfer, ...]
    after: str | None


async def transfer(redis: Redis, transfer_id: UUID) -> Transfer | None:
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await _rows(redis, prefix, [str(transfer_id)])
    return next(iter(found.values()), None)


async def several(redis: Redis, transfer_ids: Collection[UUID]) -> dict[UUID, Transfer]:
    """Those of `transfer_ids` that there are."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await _rows(redis, prefix, [str(each) for each in transfer_ids])
    return {row.transfer_id: row for row in found.values()}


async def transfers(
    redis: Redis,
    *,
    state: str | None = None,
    account: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """The newest request first; those of one final state alone by their end, the last one first.

    `state` is one of STATES, `account` the id of the account at either end. Raises ValueError if `after` did not come
    from a page.
    """
    async with answering():
        prefix = await live_prefix(redis, MODEL)

        async def rows_of(ids: list[str]) -> dict[str, Transfer]:
            found = await _rows(redis, prefix, ids)
            return {name: row for name, row in found.items() if state in (None, row.state)}

        placed = _placed(redis, prefix, state, account, after)
        most = max(1, min(limit, LONGEST_PAGE))
        rows, further = await first_rows(placed, lambda _: True, rows_of, most)
    return Page(transfers=tuple(rows), after=further)


def _placed(
    redis: Redis, prefix: str, state: str | None, account: str | None, after: str | None
) -> AsyncIterator[list[Placed]]:
    if account is not None:
        return by_score_down(redis, f"{prefix}of:{account}", after)
    if state in ENDS:
        return by_score_down(redis, f"{prefix}ended:{state}", after)
    if state is not None:
        return _placed_under_way(redis, prefix, after)
    return by_score_down(redis, f"{prefix}by_request", after)


async def _placed_under_way(redis: Redis, prefix: str, after: str | None) -> AsyncIterator[list[Placed]]:
    """Raises ValueError."""
    below = None if after is None else Cursor(after, with_member=False).score
    known: dict[Any, Any] = await redis.hgetall(f"{prefix}under_way")
    ids = [name.decode() for name in known]
    moments: list[Any] = await redis.hmget(f"{prefix}at:requested", ids) if ids else []
    if None in moments:
        raise await withdrawn(redis, MODEL, prefix)
    placed = [(moment_of(blob).position, name) for blob, name in zip(moments, ids, strict=True)]
    yield [
        (name, str(position))
        for position, name in sorted(placed, reverse=True)
        if below is None or position < below
    ]


async def under_way(redis: Redis, *, limit: int = 50) -> tuple[tuple[Transfer, ...], int]:
    """Those that have not ended, newest request first, and how many there are."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        placed = [each async for chunk in _placed_under_way(redis, prefix, None) for each in chunk]
        found = await _rows(redis, prefix, [name for name, _ in placed[: max(1, min(limit, LONGEST_PAGE))]])
    return tuple(row for row in found.values() if row.is_under_way), len(placed)


async def changed(redis: Redis, values: Sequence[Value]) -> tuple[Transfer, ...]:
    """The published values of the channel ROWS as transfers as they are now, the last changed at the end."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await _rows(redis, prefix, list(dict(values)))
    return tuple(sorted(found.values(), key=lambda row: row.position))


async def _rows(redis: Redis, prefix: str, ids: list[str]) -> dict[str, Transfer]:
    """Those of `ids` that there are, in that order. Raises ReadModelMissing if a part of one was lost."""
    if not ids:
        return {}
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.hmget(f"{prefix}rows", ids)
        for state in _STEPS:
            pipeline.hmget(f"{prefix}at:{state}", ids)
        for each in ids:
            pipeline.hgetall(f"{prefix}reversals:{each}")
        rows, *others = await pipeline.execute()
    moments, reversals = others[: len(_STEPS)], others[len(_STEPS) :]
    stops = await stopped_among(redis, prefix, [TRANSFERS.stream(each) for each in ids])
    found: dict[str, Transfer] = {}
    for name, blob, by, stop, *at in zip(ids, rows, reversals, stops, *moments, strict=True):
        if blob is None and at[0] is None:
            continue
        if blob is None or at[0] is None:
            raise await withdrawn(redis, MODEL, prefix)
        found[name] = _transfer(name, row_of(blob), _steps(at), by, stop)
    return found


def _steps(moments: Iterable[bytes | None]) -> tuple[Step, ...]:
    known = [
        (state, moment_of(blob)) for state, blob in zip(_STEPS, moments, strict=True) if blob is not None
    ]
    return tuple(Step(state, moment.position, moment.recorded) for state, moment in known)


def _transfer(
    name: str, row: Row, steps: tuple[Step, ...], reversals: dict[bytes, bytes], stopped: Stopped | None
) -> Transfer:
    return Transfer(
        transfer_id=UUID(name),
        state="debited" if row.state == "declined" else row.state,
        from_account=row.from_account,
        to_account=row.to_account,
        amount=row.amount,
        currency=row.currency,
        value_date=date.fromordinal(row.day),
        note=row.note,
        reference=row.reference,
        debit=_id(row.debit),
        credit=_id(row.credit),
        refund=_id(row.refund),
        reason=row.reason,
        reverses=_id(row.reverses),
        reversed_by=next((UUID(each.decode()) for each in reversals), None),
        requested=steps[0].recorded,
        changed=row.changed,
        position=row.position,
        revision=row.revision,
        steps=steps,
        stopped=stopped,
    )


def _id(stored: bytes) -> UUID | None:
    return UUID(bytes=stored) if stored else None
