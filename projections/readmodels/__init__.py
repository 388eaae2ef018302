"""The read models, one module or package each: what is projected, and its queries.

A new one is a module and a line here. Its name, version, categories and channels are in its `MODEL`.
"""

from typing import Any, Final

from projections import messages
from projections.engine.readmodel import ReadModel, prefixes_of
from projections.readmodels import balances, feed, history, imports, people, trace, transfers

READ_MODELS: Final[tuple[ReadModel[Any], ...]] = (
    balances.MODEL,
    history.MODEL,
    feed.MODEL,
    people.MODEL,
    transfers.MODEL,
    imports.MODEL,
    trace.MODEL,
)
NAMES: Final = tuple(model.name for model in READ_MODELS)
PREFIXES: Final = prefixes_of(READ_MODELS)


def named(name: str) -> ReadModel[Any]:
    """Raises KeyError; its message lists the read models."""
    for model in READ_MODELS:
        if model.name == name:
            return model
    raise KeyError(messages.unknown_read_model(name, NAMES))
