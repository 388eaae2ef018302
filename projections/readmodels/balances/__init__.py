"""The read model `balances`: an account's row, its place by last change and by balance, and the totals.

rows              account id -> Row
by_change         account id by the commit position of its last event
by_balance:CZK    account id by balance
totals            accounts, events, balance:CZK and balance:CZK:high, in_flight:CZK and in_flight:CZK:high

stored     what is stored, and how it follows from an event
queries    what pages ask for

A row is an array of msgpack, a third of the memory of a map. Fields are only ever added at its end. The active holds of
an account are in its row, so that they are always shown as of the same event as the sum that is held.
"""

from projections.readmodels.balances.queries import (
    ALL,
    AccountRow,
    Page,
    Totals,
    Wanted,
    account,
    accounts,
    all_accounts,
    changed,
    changed_totals,
    several,
    stopped,
    totals,
    totals_of,
)
from projections.readmodels.balances.stored import (
    HIGH,
    MODEL,
    ROWS,
    STOPS,
    TOTALS,
    ActiveHold,
    Row,
    project,
    row_of,
)

__all__ = [
    "ALL",
    "HIGH",
    "MODEL",
    "ROWS",
    "STOPS",
    "TOTALS",
    "AccountRow",
    "ActiveHold",
    "Page",
    "Row",
    "Totals",
    "Wanted",
    "account",
    "accounts",
    "all_accounts",
    "changed",
    "changed_totals",
    "project",
    "row_of",
    "several",
    "stopped",
    "totals",
    "totals_of",
]
