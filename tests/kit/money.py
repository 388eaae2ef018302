"""Where the money is, at every position of a log: the events are taken one after another, and after each one

- what all accounts have, and what is on its way, is what was paid in less what was paid out;
- each account's events add up to the balances that they state;
- no leg of a transfer was booked twice, and none in another order than sent, then received or returned;
- a transfer says no more than the accounts have answered.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, assert_never
from uuid import UUID

from domain import accounts, transfers
from domain.accounts import ACCOUNTS, AccountEvent, Leg, MoneyReceived, MoneyReturned, MoneySent, moved
from domain.transfers import (
    TRANSFERS,
    CreditDeclined,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from eventstore.codec import decode
from eventstore.store import EventStore, Recorded

LONGEST: Final = 1_000_000
_ORDERS: Final[tuple[list[str], ...]] = ([], ["sent"], ["sent", "received"], ["sent", "returned"])


class Money:
    def __init__(self) -> None:
        self.accounts: dict[str, accounts.Standing] = {}
        self.transfers: dict[UUID, transfers.Standing] = {}
        self.in_accounts: Counter[str] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.paid_in: Counter[str] = Counter()
        """Less what was paid out."""
        self._legs: dict[UUID, list[str]] = {}

    def take(self, recorded: Recorded) -> None:
        event = decode(recorded).event
        if isinstance(event, AccountEvent):
            self._booked(event)
        elif isinstance(event, TransferEvent):
            self._said(event)
        for currency, paid_in in self.paid_in.items():
            assert self.in_accounts[currency] + self.in_flight[currency] == paid_in, recorded
        assert min(self.in_flight.values(), default=0) >= 0, recorded

    def _booked(self, event: AccountEvent) -> None:
        before = self.accounts.get(event.account_id)
        after = self.accounts[event.account_id] = accounts.follow(before, event)
        self.in_accounts[after.currency] += after.balance - (before.balance if before else 0)
        if isinstance(event, Leg):
            self._leg(event)
        else:
            self.paid_in[event.currency] += moved(event) or 0

    def _leg(self, event: Leg) -> None:
        match event:
            case MoneySent():
                name, on_its_way = "sent", event.amount
            case MoneyReceived():
                name, on_its_way = "received", -event.amount
            case MoneyReturned():
                name, on_its_way = "returned", -event.amount
            case _:
                assert_never(event)
        self.in_flight[event.currency] += on_its_way
        legs = self._legs.setdefault(event.transfer_id, [])
        legs.append(name)
        assert legs in _ORDERS, event

    def _said(self, event: TransferEvent) -> None:
        transfer_id = event.transfer_id
        self.transfers[transfer_id] = transfers.follow(self.transfers.get(transfer_id), event)
        legs = self._legs.get(transfer_id, [])
        match event:
            case TransferRequested():
                assert legs == [], event
            case TransferDebited():
                assert legs == ["sent"], event
            case TransferRefused():
                assert legs == [], event
            case TransferCredited() | TransferCompleted():
                assert legs == ["sent", "received"], event
            case CreditDeclined():
                assert legs == ["sent"], event
            case TransferRefunded():
                assert legs == ["sent", "returned"], event
            case _:
                assert_never(event)

    @property
    def states(self) -> Counter[str]:
        """How many transfers are in each state."""
        return Counter(each.state for each in self.transfers.values())


def money(records: Iterable[Recorded]) -> Money:
    """Of a whole log, in its order. Events of other streams are left out."""
    found = Money()
    for recorded in records:
        if recorded.stream.startswith((ACCOUNTS.stream(""), TRANSFERS.stream(""))):
            found.take(recorded)
    return found


async def money_in(store: EventStore) -> Money:
    """Of all accounts and transfers in the log."""
    prefixes = (ACCOUNTS.stream(""), TRANSFERS.stream(""))
    return money(reversed(await store.read_all(prefixes=prefixes, limit=LONGEST)))
