"""Every event of the log: the one table that the codec, the catalogue and the tests use.

A wire name is stable: it outlives its class. When the data of an event changes its shape, its version rises by one, and
an upcaster turns data of the old version into data of the new one.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from domain.accounts import (
    ACCOUNTS,
    AccountClosed,
    AccountCreated,
    AccountFrozen,
    AccountUnfrozen,
    EntryReversed,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    TransferDeclined,
)
from domain.accounts.upcasting import add_reference, name_the_holder
from domain.decider import Decider, Event
from domain.imports import (
    IMPORTS,
    ImportBooked,
    ImportChecked,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
)
from domain.transfers import (
    TRANSFERS,
    CreditDeclined,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from domain.users import USERS, AccountAdded, AccountRemoved, UserCreated, UserDeleted, UserUpdated

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class EventType(msgspec.Struct, frozen=True):
    """`upcasters[n]` turns data of version n + 1 into data of version n + 2."""

    name: str
    cls: type[Event]
    category: str
    version: int = 1
    upcasters: tuple[Upcaster, ...] = ()


AGGREGATES: Final[dict[str, Decider[Any, Any, Any]]] = {
    each.category: each for each in (ACCOUNTS, USERS, TRANSFERS, IMPORTS)
}
"""By category."""

VOCABULARY: Final = (
    EventType("AccountCreated", AccountCreated, ACCOUNTS.category, 2, (name_the_holder,)),
    EventType("MoneyDeposited", MoneyDeposited, ACCOUNTS.category, 2, (add_reference,)),
    EventType("MoneyWithdrawn", MoneyWithdrawn, ACCOUNTS.category, 2, (add_reference,)),
    EventType("EntryReversed", EntryReversed, ACCOUNTS.category),
    EventType("HoldPlaced", HoldPlaced, ACCOUNTS.category),
    EventType("HoldCaptured", HoldCaptured, ACCOUNTS.category),
    EventType("HoldReleased", HoldReleased, ACCOUNTS.category),
    EventType("HoldExpired", HoldExpired, ACCOUNTS.category),
    EventType("AccountFrozen", AccountFrozen, ACCOUNTS.category),
    EventType("AccountUnfrozen", AccountUnfrozen, ACCOUNTS.category),
    EventType("AccountClosed", AccountClosed, ACCOUNTS.category),
    EventType("OverdraftLimitChanged", OverdraftLimitChanged, ACCOUNTS.category),
    EventType("MoneySent", MoneySent, ACCOUNTS.category),
    EventType("MoneyReceived", MoneyReceived, ACCOUNTS.category),
    EventType("MoneyReturned", MoneyReturned, ACCOUNTS.category),
    EventType("TransferDeclined", TransferDeclined, ACCOUNTS.category),
    EventType("UserCreated", UserCreated, USERS.category),
    EventType("UserUpdated", UserUpdated, USERS.category),
    EventType("UserDeleted", UserDeleted, USERS.category),
    EventType("AccountAdded", AccountAdded, USERS.category),
    EventType("AccountRemoved", AccountRemoved, USERS.category),
    EventType("TransferRequested", TransferRequested, TRANSFERS.category),
    EventType("TransferDebited", TransferDebited, TRANSFERS.category),
    EventType("TransferCredited", TransferCredited, TRANSFERS.category),
    EventType("TransferCompleted", TransferCompleted, TRANSFERS.category),
    EventType("TransferRefused", TransferRefused, TRANSFERS.category),
    EventType("CreditDeclined", CreditDeclined, TRANSFERS.category),
    EventType("TransferRefunded", TransferRefunded, TRANSFERS.category),
    EventType("ImportStarted", ImportStarted, IMPORTS.category),
    EventType("ImportProgressed", ImportProgressed, IMPORTS.category),
    EventType("ImportChecked", ImportChecked, IMPORTS.category),
    EventType("ImportBooked", ImportBooked, IMPORTS.category),
    EventType("ImportFailed", ImportFailed, IMPORTS.category),
)
BY_NAME: Final = {each.name: each for each in VOCABULARY}
BY_CLASS: Final[dict[type[Event], EventType]] = {each.cls: each for each in VOCABULARY}
