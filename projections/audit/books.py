"""The log folded by plain arithmetic. It shares no code with the projections; an audit compares read models with it.

Balances are sums of amounts, never the balances that entries state. Only which events count is decided by the rule that
all share (eventstore.streams): a stream that stops is left as it was before.
"""

from array import array
from collections import Counter, deque
from collections.abc import Generator
from typing import Any, Final, assert_never

from domain.accounts import (
    ACCOUNTS,
    AccountCreated,
    AccountEvent,
    Entry,
    MoneyDeposited,
    MoneyWithdrawn,
    change,
)
from eventstore.codec import Fact
from eventstore.store import EventLog, Recorded
from projections.engine.facts import Streams
from projections.engine.inbox import filling
from projections.engine.writes import encode
from projections.readmodels import feed as newest
from projections.readmodels import history
from projections.readmodels.balances import Row

PENDING: Final = 10_000
SILENCE: Final = 30.0
"""Seconds without a message after which the log counts as unavailable."""
PREFIXES: Final = (f"{ACCOUNTS.category}-",)


class Account:
    """One account. `entries` holds a hash of each entry as it should be stored."""

    __slots__ = ("balance", "currency", "entries", "last_amount", "newest", "owner", "revision")

    def __init__(self, currency: str, owner: str | None, newest: Recorded) -> None:
        self.currency, self.owner, self.newest = currency, owner, newest
        self.balance = 0
        self.revision = 0
        self.last_amount: int | None = None
        self.entries = array("q")

    def row(self) -> Row:
        return Row(
            self.newest.position,
            self.revision,
            self.newest.created,
            self.currency,
            self.balance,
            self.last_amount,
        )


class Books:
    """All accounts as of `position`.

    Close them: a reading of the log that is left unfinished can hang the process when it ends.
    """

    def __init__(self, event_log: EventLog) -> None:
        self.position = 0
        self.accounts: Final[dict[str, Account]] = {}
        self.events = 0
        self.items: Final[deque[bytes]] = deque(maxlen=newest.LENGTH)
        self._streams: Final = Streams()
        self._log = event_log
        self._reading = self._read()
        self._ahead: Recorded | None = None

    def close(self) -> None:
        self._reading.close()

    def advance(self, upto: int) -> None:
        """Fold everything up to `upto`, a position that some read model has reached."""
        if not self._take(upto):
            self._reading = self._read()
            self._take(upto)
        self.position = max(self.position, upto)

    def held(self) -> Counter[str]:
        """Balances by currency."""
        held: Counter[str] = Counter()
        for account in self.accounts.values():
            held[account.currency] += account.balance
        return held

    def _take(self, upto: int) -> bool:
        """False if the log, as it was when this reading began, ended before an event beyond `upto`."""
        while recorded := self._ahead or next(self._reading, None):
            if recorded.position > upto:
                self._ahead = recorded
                return True
            self._ahead = None
            self._fold(recorded)
            self.position = recorded.position
        return False

    def _read(self) -> Generator[Recorded, None, None]:
        with filling(self._log.read(prefixes=PREFIXES, after=self.position or None), PENDING) as inbox:
            yield from (message for message in inbox.patiently(SILENCE) if type(message) is Recorded)

    def _fold(self, recorded: Recorded) -> None:
        for fact in self._streams.read([recorded]).facts:
            if isinstance(fact, Fact):
                self._post(fact, fact.event)
                self.events += 1
                self.items.append(encode(_item(fact, fact.event)))

    def _post(self, fact: Fact[Any], event: AccountEvent) -> None:
        match event:
            case AccountCreated():
                opened = Account(event.currency, event.user_id, fact.recorded)
                self.accounts[event.account_id] = opened
            case MoneyDeposited() | MoneyWithdrawn():
                self._book(fact, event)
            case _:
                assert_never(event)

    def _book(self, fact: Fact[Any], event: Entry) -> None:
        recorded, amount = fact.recorded, change(event)
        account = self.accounts[event.account_id]
        account.balance += amount
        account.last_amount, account.revision, account.newest = amount, recorded.revision, recorded
        account.entries.append(hash(encode(_entry(fact, event, account.balance))))


def _entry(fact: Fact[Any], event: Entry, balance: int) -> history.Entry:
    recorded = fact.recorded
    return history.Entry(
        position=recorded.position,
        revision=recorded.revision,
        booked=recorded.created,
        type_index=history.type_index(event),
        id=event.entry_id.bytes,
        amount=change(event),
        currency=event.currency,
        balance=balance,
        day=event.value_date.toordinal(),
        note=event.note,
        actor=fact.actor,
    )


def _item(fact: Fact[Any], event: AccountEvent) -> newest.Item:
    recorded = fact.recorded
    match event:
        case AccountCreated():
            amount, note = None, ""
        case MoneyDeposited() | MoneyWithdrawn():
            amount, note = change(event), event.note
        case _:
            assert_never(event)
    return newest.Item(
        position=recorded.position,
        revision=recorded.revision,
        booked=recorded.created,
        type=recorded.type,
        event_id=recorded.event_id,
        stream=recorded.stream,
        account_id=event.account_id,
        amount=amount,
        currency=event.currency,
        note=note,
        actor=fact.actor,
    )
