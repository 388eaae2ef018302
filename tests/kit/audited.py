"""What a read model makes of a log, and what the audit expects of it."""

from typing import Any

from eventstore.codec import Fact
from projections.engine.facts import Streams
from projections.engine.folding import fold
from projections.engine.keys import STREAMS
from projections.engine.readmodel import Cell, ReadModel
from projections.engine.writes import stored
from tests.kit.journal import Journal

Cells = dict[Cell, Any]


def made_and_expected(model: ReadModel[Any], journal: Journal) -> tuple[Cells, Cells]:
    """Of a model that the audit compares with the log in this way."""
    assert model.expected
    batch = Streams().read(journal.all).concerning(model, after=0)
    folded = fold(model, batch, set())
    made: Cells = {
        Cell("hash", key, member): _as_bytes(stored(value))
        for key, values in folded.sets.items()
        for member, value in values.items()
        if key != STREAMS and value is not None
    }
    for key, scores in folded.scores.items():
        made |= {Cell("zset", key, member): score for member, score in scores.items()}
    return made, dict(model.expected(fact for fact in batch.facts if isinstance(fact, Fact)))


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
