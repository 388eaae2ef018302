"""The read model `feed`: the newest events of all accounts.

items    list of Item, oldest first, the newest LENGTH
"""

from typing import Final

from domain.events import AccountCreated, MoneyDeposited
from projections.facts import Fact
from projections.stored import Item
from projections.writes import ListAppend, Write

LENGTH: Final = 1_000


def project(fact: Fact) -> tuple[Write, ...]:
    event, recorded = fact.event, fact.recorded
    if isinstance(event, AccountCreated):
        amount, note = None, ""
    else:
        amount, note = event.amount if isinstance(event, MoneyDeposited) else -event.amount, event.note
    item = Item(
        recorded.position,
        recorded.revision,
        recorded.created,
        recorded.type,
        recorded.event_id,
        recorded.stream,
        event.account_id,
        amount,
        event.currency,
        note,
        fact.actor,
    )
    return (ListAppend("items", item, cap=LENGTH),)
