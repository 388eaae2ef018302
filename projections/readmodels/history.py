"""The read model `history`: every account's entries, oldest first, each with the balance after it.

entries:{account id}    list of Entry
"""

from domain.events import AccountCreated, MoneyDeposited
from projections.facts import Fact
from projections.stored import Entry
from projections.writes import ListAppend, Write


def project(fact: Fact) -> tuple[Write, ...]:
    event, recorded = fact.event, fact.recorded
    if isinstance(event, AccountCreated):
        return ()
    deposit = isinstance(event, MoneyDeposited)
    entry = Entry(
        recorded.position,
        recorded.revision,
        recorded.created,
        0 if deposit else 1,
        event.entry_id.bytes,
        event.amount if deposit else -event.amount,
        event.currency,
        event.balance,
        event.value_date.toordinal(),
        event.note,
        fact.actor,
    )
    return (ListAppend(f"entries:{event.account_id}", entry),)
