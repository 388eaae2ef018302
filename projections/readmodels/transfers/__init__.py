"""The read model `transfers`: how each transfer is getting on, and lists of them.

rows                   transfer id -> Row, as of its last event
at:{state}             transfer id -> Moment at which it came to this state
under_way              transfer id -> UnderWay; a transfer leaves it when it ends
ended:{state}          transfer id by the position of its end
by_request             transfer id by the position of its request
of:{account id}        the same, for the account at either end
reversals:{id}         ids of the transfers that reverse this one, and have not failed

shapes      the values that are stored
stored      how they follow from an event
expected    the same for the audit, in another way
queries     what pages ask for

States here are those of the domain. What a query returns has public ones: a transfer whose credit was declined is
still `debited`, with a reason, until the money is back.

Values are arrays of msgpack. Fields are only ever added at their end.
"""

from projections.readmodels.transfers.queries import (
    STATES,
    Page,
    Step,
    Transfer,
    changed,
    several,
    transfer,
    transfers,
    under_way,
)
from projections.readmodels.transfers.shapes import ENDS, Moment, Row, UnderWay, row_of, under_way_of
from projections.readmodels.transfers.stored import MODEL, REVERSALS, ROWS, project

__all__ = [
    "ENDS",
    "MODEL",
    "REVERSALS",
    "ROWS",
    "STATES",
    "Moment",
    "Page",
    "Row",
    "Step",
    "Transfer",
    "UnderWay",
    "changed",
    "project",
    "row_of",
    "several",
    "transfer",
    "transfers",
    "under_way",
    "under_way_of",
]
