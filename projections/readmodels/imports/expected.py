"""What `imports` should hold, folded one import at a time and without the standing: for the audit."""

from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from msgspec.structs import replace

from domain.imports import (
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
)
from eventstore.codec import Fact
from projections.engine.readmodel import Cell
from projections.engine.writes import encode
from projections.readmodels.imports.shapes import Row, Start, as_json


def expected(facts: Iterable[Fact[ImportEvent]]) -> dict[Cell, Any]:
    histories: dict[str, list[Fact[ImportEvent]]] = {}
    for fact in facts:
        histories.setdefault(fact.event.aggregate_id, []).append(fact)
    return {cell: value for name, facts in histories.items() for cell, value in _cells(name, facts)}


def _cells(name: str, facts: list[Fact[ImportEvent]]) -> Iterator[tuple[Cell, Any]]:
    begin = max(place for place, fact in enumerate(facts) if isinstance(fact.event, ImportStarted))
    start, last = facts[begin].recorded, facts[-1].recorded
    row = _begun(facts[begin].event)
    for fact in facts[begin:]:
        row = _after(row, fact.event)
    row = replace(row, position=last.position, revision=last.revision, changed=last.created)
    yield Cell("hash", "rows", name), encode(row)
    yield Cell("hash", "starts", name), encode(Start(start.position, start.created, facts[begin].actor))
    yield Cell("zset", "by_start", name), start.position
    reports = [fact.event.report for fact in facts if isinstance(fact.event, ImportChecked | ImportBooked)]
    if reports:
        yield Cell("hash", "reports", name), as_json(reports[-1]).encode()
    if isinstance(facts[-1].event, ImportFailed):
        yield Cell("hash", "failures", name), facts[-1].event.reason.encode()


def _begun(event: ImportEvent) -> Row:
    assert isinstance(event, ImportStarted)
    return Row(
        position=0,
        revision=0,
        changed=0,
        file=event.file,
        digest=event.digest,
        format=event.format,
        currency=event.currency,
        only_check=event.only_check,
        book_similar=event.book_similar,
        all_new=event.all_new,
        shorten_notes=event.shorten_notes,
        state="under-way",
        doing=None,
        done=0,
        of=0,
    )


def _after(row: Row, event: ImportEvent) -> Row:
    match event:
        case ImportStarted():
            return row
        case ImportProgressed():
            return replace(row, doing=event.doing, done=event.done, of=event.of)
        case ImportChecked():
            return replace(row, state="checked")
        case ImportBooked():
            return replace(row, state="booked")
        case ImportFailed():
            return replace(row, state="failed")
        case _:
            assert_never(event)
