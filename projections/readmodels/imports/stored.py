"""What `imports` stores of an event, and the read model."""

from typing import Final, assert_never

from domain.imports import (
    IMPORTS,
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
    Standing,
)
from eventstore.codec import Fact
from projections.engine.readmodel import ReadModel, channel
from projections.engine.writes import HashDelete, HashSet, SortedSetScore, Write
from projections.readmodels.imports.expected import expected
from projections.readmodels.imports.shapes import Row, Start, as_json


def project(fact: Fact[ImportEvent]) -> tuple[Write, ...]:
    recorded, standing, import_id = fact.recorded, fact.standing, fact.event.aggregate_id
    assert type(standing) is Standing
    row = Row(
        recorded.position,
        recorded.revision,
        recorded.created,
        standing.file,
        standing.digest,
        standing.format,
        standing.currency,
        standing.only_check,
        standing.book_similar,
        standing.all_new,
        standing.shorten_notes,
        standing.state,
        standing.doing,
        standing.done,
        standing.of,
    )
    return (HashSet("rows", import_id, row), *_of_the_kind(fact, import_id))


def _of_the_kind(fact: Fact[ImportEvent], import_id: str) -> tuple[Write, ...]:
    """What only this kind of event changes."""
    event, recorded = fact.event, fact.recorded
    match event:
        case ImportStarted():
            start = Start(recorded.position, recorded.created, fact.actor)
            return (
                HashSet("starts", import_id, start),
                SortedSetScore("by_start", import_id, recorded.position),
                HashDelete("failures", import_id),
            )
        case ImportChecked() | ImportBooked():
            return (HashSet("reports", import_id, as_json(event.report)),)
        case ImportFailed():
            return (HashSet("failures", import_id, event.reason),)
        case ImportProgressed():
            return ()
        case _:
            assert_never(event)


MODEL: Final = ReadModel[ImportEvent](
    name="imports",
    version=1,
    categories=(IMPORTS.category,),
    project=project,
    channels=("rows",),
    expected=expected,
)
ROWS: Final = channel(MODEL.name, "rows")
