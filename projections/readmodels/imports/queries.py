"""Queries on `imports`. All raise ReadModelUnavailable."""

from typing import Any, assert_never
from uuid import UUID

import msgspec

from domain.imports import IMPORTS, State, Work
from domain.imports.report import Report
from projections.engine.clients import Redis
from projections.engine.paging import by_score_down, first_rows
from projections.engine.reading import LONGEST_PAGE, answering, live_prefix, withdrawn
from projections.engine.stopped import Stopped, stopped_among
from projections.readmodels.imports.shapes import Row, Start, report_of, row_of, start_of
from projections.readmodels.imports.stored import MODEL


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """An import as of its last event that counts. Everything is about the newest run, apart from `report`.

    `report` is the newest one, also if a later run has not ended or has failed. `actor` started the run at `started`,
    and the last event was at `changed`: both in 100 ns ticks since 1970 (UTC). `failure` says why the run failed.
    `stopped` says why later events do not count, if there are any.
    """

    import_id: UUID
    state: State
    file: str
    digest: str
    format: str
    currency: str
    only_check: bool
    book_similar: bool
    all_new: bool
    shorten_notes: bool
    doing: Work | None
    done: int
    of: int
    started: int
    actor: str
    changed: int
    position: int
    revision: int
    report: Report | None
    failure: str | None
    stopped: Stopped | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; None at its end."""

    imports: tuple[Imported, ...]
    after: str | None


async def one(redis: Redis, import_id: UUID) -> Imported | None:
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        found = await _rows(redis, prefix, [str(import_id)])
    return next(iter(found.values()), None)


async def newest(redis: Redis, *, after: str | None = None, limit: int = 50) -> Page:
    """The import that started last comes first. Raises ValueError if `after` did not come from a page."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        placed = by_score_down(redis, f"{prefix}by_start", after)
        most = max(1, min(limit, LONGEST_PAGE))
        rows, further = await first_rows(placed, lambda _: True, lambda ids: _rows(redis, prefix, ids), most)
    return Page(imports=tuple(rows), after=further)


async def _rows(redis: Redis, prefix: str, ids: list[str]) -> dict[str, Imported]:
    """Those of `ids` that exist, in that order. Raises ReadModelMissing if a part of one was lost."""
    if not ids:
        return {}
    async with redis.pipeline(transaction=True) as pipeline:
        for key in ("rows", "starts", "reports", "failures"):
            pipeline.hmget(f"{prefix}{key}", ids)
        columns = await pipeline.execute()
    stops = await stopped_among(redis, prefix, [IMPORTS.stream(each) for each in ids])
    found: dict[str, Imported] = {}
    for name, stored, start, report, failure, stop in zip(ids, *columns, stops, strict=True):
        if stored is None and start is None:
            continue
        row = None if stored is None else row_of(stored)
        if row is None or start is None or _lacks(row, report, failure):
            raise await withdrawn(redis, MODEL, prefix)
        found[name] = _imported(name, row, start_of(start), report, failure, stop)
    return found


def _lacks(row: Row, report: bytes | None, failure: bytes | None) -> bool:
    """Whether what the state calls for was lost."""
    match row.state:
        case "checked" | "booked":
            return report is None
        case "failed":
            return failure is None
        case "under-way":
            return False
        case _:
            assert_never(row.state)


def _imported(
    name: str, row: Row, start: Start, report: bytes | None, failure: bytes | None, stopped: Stopped | None
) -> Imported:
    fields: dict[str, Any] = msgspec.structs.asdict(row)
    return Imported(
        import_id=UUID(name),
        started=start.recorded,
        actor=start.actor,
        report=None if report is None else report_of(report),
        failure=None if failure is None else failure.decode(),
        stopped=stopped,
        **fields,
    )
