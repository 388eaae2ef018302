"""What `transfers` stores of an event."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from domain.transfers import (
    TRANSFERS,
    UNDER_WAY,
    Standing,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from eventstore.codec import Fact
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import HashDelete, HashSet, SortedSetScore, Write
from projections.readmodels.transfers.expected import expected
from projections.readmodels.transfers.shapes import Moment, Row, UnderWay


def project(fact: Fact[TransferEvent]) -> tuple[Write, ...]:
    recorded, standing, transfer_id = fact.recorded, fact.standing, fact.event.aggregate_id
    assert type(standing) is Standing
    return (
        HashSet("rows", transfer_id, _row(fact, standing)),
        HashSet(f"at:{standing.state}", transfer_id, Moment(recorded.position, recorded.created)),
        *_in_lists(fact, standing, transfer_id),
        *_reversal(fact.event, standing, transfer_id),
    )


def _row(fact: Fact[TransferEvent], standing: Standing) -> Row:
    recorded = fact.recorded
    return Row(
        recorded.position,
        recorded.revision,
        recorded.created,
        standing.state,
        standing.from_account,
        standing.to_account,
        standing.amount,
        standing.currency,
        standing.value_date.toordinal(),
        standing.note,
        standing.reference,
        _id(standing.debit),
        _id(standing.credit),
        _id(standing.refund),
        standing.reason,
        _id(standing.reverses),
    )


def _id(wanted: UUID | None) -> bytes:
    return b"" if wanted is None else wanted.bytes


def _in_lists(fact: Fact[TransferEvent], standing: Standing, transfer_id: str) -> Iterable[Write]:
    position = fact.recorded.position
    if standing.state in UNDER_WAY:
        value = UnderWay(standing.state, standing.amount, standing.currency)
        yield HashSet("under_way", transfer_id, value)
    else:
        yield HashDelete("under_way", transfer_id)
        yield SortedSetScore(f"ended:{standing.state}", transfer_id, position)
    if type(fact.event) is TransferRequested:
        yield SortedSetScore("by_request", transfer_id, position)
        for account_id in (standing.from_account, standing.to_account):
            yield SortedSetScore(f"of:{account_id}", transfer_id, position)


def _reversal(event: TransferEvent, standing: Standing, transfer_id: str) -> tuple[Write, ...]:
    if standing.reverses is None:
        return ()
    key = f"reversals:{standing.reverses}"
    if type(event) is TransferRequested:
        return (HashSet(key, transfer_id, ""),)
    if type(event) is TransferRefused or type(event) is TransferRefunded:
        return (HashDelete(key, transfer_id),)
    return ()


MODEL: Final = ReadModel[TransferEvent](
    name="transfers",
    version=1,
    categories=(TRANSFERS.category,),
    project=project,
    channels=("rows", "reversals"),
    expected=expected,
)
ROWS: Final = channel(MODEL.name, "rows")
REVERSALS: Final = channel(MODEL.name, "reversals")
"""The transfers of which a reversal was requested, or has failed."""
