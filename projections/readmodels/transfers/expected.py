"""What `transfers` should hold, folded one transfer at a time and without the standing: for the audit."""

from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from msgspec.structs import replace

from domain.transfers import (
    CreditDeclined,
    State,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from eventstore.codec import Fact
from projections.engine.readmodel import Cell
from projections.engine.writes import encode
from projections.readmodels.transfers.shapes import ENDS, Moment, Row, UnderWay

Facts = list[Fact[TransferEvent]]


def expected(facts: Iterable[Fact[TransferEvent]]) -> dict[Cell, Any]:
    histories: dict[str, Facts] = {}
    for fact in facts:
        histories.setdefault(fact.event.aggregate_id, []).append(fact)
    return {cell: value for name, events in histories.items() for cell, value in _cells(name, events)}


def _cells(name: str, facts: Facts) -> Iterator[tuple[Cell, Any]]:
    row = _begun(facts[0].event)
    for fact in facts:
        row = _after(row, fact.event)
        moment = Moment(fact.recorded.position, fact.recorded.created)
        yield Cell("hash", f"at:{row.state}", name), encode(moment)
    first, last = facts[0].recorded.position, facts[-1].recorded
    row = replace(row, position=last.position, revision=last.revision, changed=last.created)
    yield Cell("hash", "rows", name), encode(row)
    if row.state in ENDS:
        yield Cell("zset", f"ended:{row.state}", name), last.position
    else:
        yield Cell("hash", "under_way", name), encode(UnderWay(row.state, row.amount, row.currency))
    for key in ("by_request", f"of:{row.from_account}", f"of:{row.to_account}"):
        yield Cell("zset", key, name), first
    yield from _reversal(facts[0].event, row.state, name)


def _reversal(event: TransferEvent, state: State, name: str) -> Iterator[tuple[Cell, Any]]:
    assert isinstance(event, TransferRequested)
    if event.reverses is not None and state not in ("refused", "refunded"):
        yield Cell("hash", f"reversals:{event.reverses}", name), b""


def _begun(event: TransferEvent) -> Row:
    assert isinstance(event, TransferRequested)
    return Row(
        position=0,
        revision=0,
        changed=0,
        state="requested",
        from_account=event.from_account,
        to_account=event.to_account,
        amount=event.amount,
        currency=event.currency,
        day=event.value_date.toordinal(),
        note=event.note,
        reference=event.reference,
        debit=b"",
        credit=b"",
        refund=b"",
        reason=None,
        reverses=event.reverses.bytes if event.reverses else b"",
    )


def _after(row: Row, event: TransferEvent) -> Row:
    match event:
        case TransferRequested():
            return row
        case TransferDebited():
            return replace(row, state="debited", debit=event.entry_id.bytes)
        case TransferCredited():
            return replace(row, state="credited", credit=event.entry_id.bytes)
        case TransferCompleted():
            return replace(row, state="completed")
        case TransferRefused():
            return replace(row, state="refused", reason=event.reason)
        case CreditDeclined():
            return replace(row, state="declined", reason=event.reason)
        case TransferRefunded():
            return replace(row, state="refunded", refund=event.entry_id.bytes)
        case _:
            assert_never(event)
