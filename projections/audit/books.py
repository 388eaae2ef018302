"""The log folded by plain arithmetic, sharing nothing with the projections: what an audit holds read models against.

Balances are sums of amounts, never the balances that entries state; where the two disagree, the log itself is at fault.
"""

from array import array
from collections import Counter, deque
from collections.abc import Iterator
from itertools import chain
from typing import Final

from domain.events import AccountCreated, MoneyDeposited
from eventstore.store import EventLog, Recorded
from projections import stored
from projections.facts import PREFIXES, Fact
from projections.facts import read as read_fact
from projections.feed import LENGTH
from projections.inbox import filling
from projections.writes import encode

PENDING: Final = 10_000
SILENCE: Final = 30.0
"""Seconds without a word after which the log is taken for gone."""


class Account:
    """`entries` holds a hash of each entry as it should be stored."""

    __slots__ = ("balance", "currency", "entries", "last_amount", "newest", "owner", "revision")

    def __init__(self, currency: str, owner: str | None, newest: Recorded) -> None:
        self.currency, self.owner, self.newest = currency, owner, newest
        self.balance = 0
        self.revision = 0
        self.last_amount: int | None = None
        self.entries = array("q")

    def row(self) -> stored.Row:
        return stored.Row(
            self.newest.position,
            self.revision,
            self.newest.created,
            self.currency,
            self.balance,
            self.last_amount,
        )


class Books:
    """All accounts as of `position`; `faults` says what in the log cannot be."""

    def __init__(self, event_log: EventLog) -> None:
        self.position = 0
        self.accounts: Final[dict[str, Account]] = {}
        self.events = 0
        self.items: Final[deque[bytes]] = deque(maxlen=LENGTH)
        self.faults: Final[list[str]] = []
        self._parked: Final[set[str]] = set()
        self._log = event_log
        self._ahead = self._read()

    def advance(self, upto: int) -> None:
        """Fold everything up to `upto`, a position that some projection has reached."""
        if not self._take(upto):
            self._ahead = self._read()
            self._take(upto)
        self.position = max(self.position, upto)

    def held(self) -> Counter[str]:
        """Balances by currency."""
        held: Counter[str] = Counter()
        for account in self.accounts.values():
            held[account.currency] += account.balance
        return held

    def _take(self, upto: int) -> bool:
        """False where the log ended (as of when this reading of it began) before something beyond `upto` came."""
        for recorded in self._ahead:
            if recorded.position > upto:
                self._ahead = chain((recorded,), self._ahead)
                return True
            self._fold(recorded)
            self.position = recorded.position
        return False

    def _read(self) -> Iterator[Recorded]:
        with filling(self._log.read(prefixes=PREFIXES, after=self.position or None), PENDING) as inbox:
            yield from (message for message in inbox.patiently(SILENCE) if type(message) is Recorded)

    def _fold(self, recorded: Recorded) -> None:
        fact = read_fact(recorded)
        if recorded.stream in self._parked or not isinstance(fact, Fact):
            self._parked.add(recorded.stream)
            return
        if isinstance(fact.event, AccountCreated):
            self.accounts[fact.event.account_id] = Account(fact.event.currency, fact.event.user_id, recorded)
        else:
            self._book(fact, self.accounts.get(fact.event.account_id))
        self.events += 1
        self.items.append(encode(_item(fact)))

    def _book(self, fact: Fact, account: Account | None) -> None:
        recorded, event = fact.recorded, fact.event
        assert not isinstance(event, AccountCreated)
        amount = _amount(fact) or 0
        if account is None or (account.currency, account.revision + 1) != (event.currency, recorded.revision):
            self.faults.append(
                f"Event {recorded.revision} of {recorded.stream} follows no opening, or a gap."
            )
            account = account or Account(event.currency, None, recorded)
            self.accounts[event.account_id] = account
        account.balance += amount
        account.last_amount, account.revision, account.newest = amount, recorded.revision, recorded
        if account.balance != event.balance:
            self.faults.append(
                f"Event {recorded.revision} of {recorded.stream} states the balance {event.balance}; "
                f"its entries come to {account.balance}."
            )
        account.entries.append(hash(encode(_entry(fact, amount, account.balance))))


def _amount(fact: Fact) -> int | None:
    if isinstance(fact.event, AccountCreated):
        return None
    return fact.event.amount if isinstance(fact.event, MoneyDeposited) else -fact.event.amount


def _entry(fact: Fact, amount: int, balance: int) -> stored.Entry:
    recorded, event = fact.recorded, fact.event
    assert not isinstance(event, AccountCreated)
    return stored.Entry(
        position=recorded.position,
        revision=recorded.revision,
        booked=recorded.created,
        type=stored.ENTRY_TYPES.index(recorded.type),
        entry_id=event.entry_id.bytes,
        amount=amount,
        currency=event.currency,
        balance=balance,
        value_date=event.value_date.toordinal(),
        note=event.note,
        actor=fact.actor,
    )


def _item(fact: Fact) -> stored.Item:
    recorded = fact.recorded
    return stored.Item(
        position=recorded.position,
        revision=recorded.revision,
        booked=recorded.created,
        type=recorded.type,
        event_id=recorded.event_id,
        stream=recorded.stream,
        account_id=fact.event.account_id,
        amount=_amount(fact),
        currency=fact.event.currency,
        note=getattr(fact.event, "note", ""),
        actor=fact.actor,
    )
