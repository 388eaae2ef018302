"""The read model `imports`: the imports of banks' files, how far each is, and its newest report.

rows         import id -> Row, as of its last event
starts       import id -> Start, the newest one
reports      import id -> the newest report, as JSON
failures     import id -> why the newest run failed
by_start     import ids by the position of the newest start

shapes      the values that are stored
stored      how they follow from an event
expected    the same for the audit, in another way
queries     what pages ask for

A row and a start are arrays of msgpack. Fields are only ever added at their end.
"""

from projections.readmodels.imports.queries import Imported, Page, newest, one
from projections.readmodels.imports.shapes import Row, Start, report_of, row_of, start_of
from projections.readmodels.imports.stored import MODEL, ROWS, project

__all__ = [
    "MODEL",
    "ROWS",
    "Imported",
    "Page",
    "Row",
    "Start",
    "newest",
    "one",
    "project",
    "report_of",
    "row_of",
    "start_of",
]
