"""The log folded by plain arithmetic. It shares no code with the projections; an audit compares read models with it.

Balances are sums of amounts, never the balances that entries state. Only which events count is decided by the rule that
all share (eventstore.streams): a stream that stops is left as it was before.
"""

from array import array
from collections import Counter, deque
from collections.abc import Generator
from typing import Any, Final, assert_never
from uuid import UUID

from domain.accounts import (
    ACCOUNTS,
    AccountClosed,
    AccountCreated,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    Entry,
    EntryReversed,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    Leg,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    TransferDeclined,
    change,
)
from eventstore.codec import Fact
from eventstore.store import EventLog, Recorded
from projections.audit.lines import entry, item
from projections.engine.facts import Streams
from projections.engine.inbox import filling
from projections.engine.writes import encode
from projections.readmodels import feed as newest
from projections.readmodels.balances import ActiveHold, Row
from projections.readmodels.history import Reversal

PENDING: Final = 10_000
SILENCE: Final = 30.0
"""Seconds without a message after which the log counts as unavailable."""
PREFIXES: Final = (f"{ACCOUNTS.category}-",)


class Account:
    """One account. `entries` has a hash of each entry as it should be stored, `holds` the active ones by their ids."""

    __slots__ = (
        "balance",
        "currency",
        "entries",
        "holder",
        "holds",
        "last_amount",
        "newest",
        "overdraft",
        "state",
    )

    def __init__(self, currency: str, holder: str | None, newest: Recorded) -> None:
        self.currency, self.holder, self.newest = currency, holder, newest
        self.balance = self.overdraft = 0
        self.last_amount: int | None = None
        self.state = "open"
        self.holds: dict[UUID, ActiveHold] = {}
        self.entries = array("q")

    def row(self) -> Row:
        return Row(
            self.newest.position,
            self.newest.revision,
            self.newest.created,
            self.currency,
            self.balance,
            self.last_amount,
            sum(hold.amount for hold in self.holds.values()),
            self.overdraft,
            self.state,
            self.holder,
            tuple(self.holds.values()),
        )


class Books:
    """All accounts as of `position`.

    Close them: a reading of the log that is left unfinished can hang the process when it ends.
    """

    def __init__(self, event_log: EventLog) -> None:
        self.position = 0
        self.accounts: Final[dict[str, Account]] = {}
        self.reversals: Final[dict[UUID, Reversal]] = {}
        self.references: Final[dict[str, list[tuple[int, str]]]] = {}
        self.in_flight: Final[dict[UUID, Counter[str]]] = {}
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

    def balances(self) -> Counter[str]:
        """The sum of balances by currency."""
        sums: Counter[str] = Counter()
        for account in self.accounts.values():
            sums[account.currency] += account.balance
        return sums

    def money_in_flight(self) -> Counter[str]:
        """The sum of money in flight by currency."""
        sums: Counter[str] = Counter()
        for flying in self.in_flight.values():
            sums.update(flying)
        return sums

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
                self.items.append(encode(item(fact, fact.event)))

    def _post(self, fact: Fact[Any], event: AccountEvent) -> None:
        if isinstance(event, AccountCreated):
            self.accounts[event.account_id] = Account(event.currency, event.holder, fact.recorded)
            return
        account = self.accounts[event.account_id]
        account.newest, account.last_amount = fact.recorded, None
        match event:
            case MoneyDeposited() | MoneyWithdrawn() | EntryReversed():
                self._book(fact, event, account)
            case MoneySent() | MoneyReceived() | MoneyReturned():
                self._book(fact, event, account)
                self._send(event)
                if account.state == "closed":
                    account.state = "frozen"
            case TransferDeclined():
                pass
            case HoldCaptured():
                del account.holds[event.hold_id]
                self._book(fact, event, account)
            case HoldPlaced():
                account.holds[event.hold_id] = ActiveHold(event.hold_id.bytes, event.amount, event.expires)
            case HoldReleased() | HoldExpired():
                del account.holds[event.hold_id]
            case AccountFrozen():
                account.state = "frozen"
            case AccountUnfrozen():
                account.state = "open"
            case AccountClosed():
                account.state = "closed"
            case OverdraftLimitChanged():
                account.overdraft = event.limit
            case _:
                assert_never(event)

    def _send(self, leg: Leg) -> None:
        """What has left and not arrived."""
        flying = self.in_flight.setdefault(leg.transfer_id, Counter())
        flying[leg.currency] -= change(leg)
        if not any(flying.values()):
            del self.in_flight[leg.transfer_id]

    def _book(self, fact: Fact[Any], event: Entry, account: Account) -> None:
        amount = change(event)
        account.balance += amount
        account.last_amount = amount
        account.entries.append(hash(encode(entry(fact, event, account.balance))))
        if isinstance(event, EntryReversed):
            self.reversals[event.reverses] = Reversal(fact.recorded.position, event.entry_id.bytes)
        if event.reference:
            self.references.setdefault(event.reference, []).append((fact.recorded.position, event.account_id))
