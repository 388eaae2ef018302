"""The read model `history`: every account's entries, oldest first, each with the balance after it.

entries:{account id}       list of Entry
reversals                  entry id as 32 hexadecimal digits -> Reversal: the entry that undid it
reference:{reference}      list of Place: the entries that have this reference

stored     what is stored, and how it follows from an event
queries    what pages ask for

An entry is an array of msgpack that begins with its position. Fields are only ever added at its end.
"""

from projections.readmodels.history.queries import (
    changed,
    entries,
    entry,
    reversals,
    with_reference,
)
from projections.readmodels.history.stored import (
    ENTRIES,
    MODEL,
    REVERSALS,
    TYPES,
    Entry,
    Place,
    Reversal,
    entry_of,
    links,
    place_of,
    project,
    reversal_of,
    type_index,
)

__all__ = [
    "ENTRIES",
    "MODEL",
    "REVERSALS",
    "TYPES",
    "Entry",
    "Place",
    "Reversal",
    "changed",
    "entries",
    "entry",
    "entry_of",
    "links",
    "place_of",
    "project",
    "reversal_of",
    "reversals",
    "type_index",
    "with_reference",
]
