"""The read model `history`: every account's entries, oldest first, each with the balance after it.

entries:{account id}       list of Entry
reversals                  entry id -> id of the entry that undid it, both as 32 hexadecimal digits
reference:{reference}      list of Place: the entries that have this reference

stored     what is stored, and how it follows from an event
queries    what pages ask for

An entry is an array of msgpack that begins with its position. Fields are only ever added at its end.
"""

from projections.readmodels.history.queries import (
    changed,
    entries,
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
    entry_of,
    links,
    place_of,
    project,
    type_index,
)

__all__ = [
    "ENTRIES",
    "MODEL",
    "REVERSALS",
    "TYPES",
    "Entry",
    "Place",
    "changed",
    "entries",
    "entry_of",
    "links",
    "place_of",
    "project",
    "reversals",
    "type_index",
    "with_reference",
]
