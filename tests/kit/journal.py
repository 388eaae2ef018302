"""A log made by real decisions, for tests of read models."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

from domain.accounts import (
    ACCOUNTS,
    Account,
    AccountCommand,
    AccountEvent,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    Entry,
    Existing,
    ExpireHold,
    FreezeAccount,
    PlaceHold,
    ReceiveMoney,
    RecordEntry,
    ReleaseHold,
    ReturnMoney,
    ReverseEntry,
    SendMoney,
    SetOverdraftLimit,
    UnfreezeAccount,
    Withdraw,
    decide,
    evolve,
)
from domain.decider import Command, Decider, fold
from domain.identifiers import AccountId, UserId
from domain.money import Amount
from eventstore.codec import Metadata, encode
from eventstore.codec import decode as read
from eventstore.memory import MemoryLog, Records
from eventstore.store import NewEvent, Recorded
from tests.kit.accounts import events_of

C = TypeVar("C", bound=Command)

DAY = date(2024, 2, 29)
_AT = datetime(2024, 2, 29, 12, tzinfo=UTC)


class Journal:
    """Decides commands and appends their events to a log in memory."""

    def __init__(self) -> None:
        self.records = Records()
        self.states: dict[str, Account] = {}

    @property
    def log(self) -> MemoryLog:
        return MemoryLog(self.records)

    @property
    def all(self) -> Sequence[Recorded]:
        return self.records.all

    def open(self, account_id: str, currency: str = "CZK", user_id: str | None = None) -> int:
        holder = None if user_id is None else UserId(user_id)
        return self.give(
            CreateAccount(
                account_id=AccountId(account_id), command_id=uuid4(), currency=currency, holder=holder
            )
        )

    def book(self, account_id: str, amount: int, currency: str = "CZK", note: str = "") -> int:
        """Returns the position."""
        return self.give(
            RecordEntry(
                account_id=AccountId(account_id),
                command_id=uuid4(),
                amount=amount,
                currency=currency,
                booked_on=DAY,
                note=note,
            )
        )

    def give(self, command: AccountCommand) -> int:
        state = self.states.get(command.account_id, ACCOUNTS.initial)
        stream = ACCOUNTS.stream(command.account_id)
        expected = len(self.records.streams.get(stream, ())) - 1
        events = decide(command, state)
        metadata = metadata_of(command.command_id)
        appended = self.records.append(
            stream, [encode(event, metadata, index) for index, event in enumerate(events)], expected
        )
        for event in events:
            state = evolve(state, event)
        self.states[command.account_id] = state
        return appended.position

    def balance(self, account_id: str) -> int:
        state = self.states[account_id]
        assert isinstance(state, Existing)
        return state.standing.balance

    def scribble(self, stream: str, type_: str = "MoneyDeposited", data: bytes = b'{"no": "entry"}') -> int:
        """Append an event that this version cannot read."""
        return self._append(stream, NewEvent(uuid4(), type_, data, b'{"actor": "stranger"}'))

    def write_foreign(self, event: AccountEvent, metadata: bytes = b"") -> int:
        """Append an event that nothing was decided for."""
        new = encode(event, metadata_of(uuid4()), 0)
        written = NewEvent(uuid4(), new.type, new.data, metadata)
        return self._append(ACCOUNTS.stream(event.aggregate_id), written)

    def limit(self, account_id: str, **metadata: int) -> int:
        """Write the metadata of the account's stream, with `$` before each name."""
        content = json.dumps({f"${name}": value for name, value in metadata.items()}).encode()
        return self._append(f"$${ACCOUNTS.stream(account_id)}", NewEvent(uuid4(), "$metadata", content, b""))

    def _append(self, stream: str, event: NewEvent) -> int:
        expected = len(self.records.streams.get(stream, ())) - 1
        return self.records.append(stream, [event], expected).position


def tell(journal: Journal, decider: Decider[C, Any, Any], command: C) -> int:
    """Decide a command on another aggregate than an account, and append its events; returns the position."""
    stream = decider.stream(command.aggregate_id)
    before: list[Any] = [read(each).event for each in journal.records.streams.get(stream, ())]
    events = decider.decide(command, fold(decider, before))
    metadata = metadata_of(command.command_id)
    new = [encode(event, metadata, index) for index, event in enumerate(events)]
    return journal.records.append(stream, new, len(before) - 1).position


def metadata_of(command_id: UUID, actor: str = "teller") -> Metadata:
    return Metadata(
        correlation_id=str(uuid5(command_id, "correlation")),
        causation_id=command_id,
        command_id=command_id,
        actor=actor,
        at=_AT,
    )


def every_kind_of_event(journal: Journal, account_id: str, *, reference: str = "") -> None:
    """On an account in CZK that was opened; it is frozen at the end. Another one is opened, pays it and is closed."""
    account, noon = AccountId(account_id), datetime(2026, 1, 5, 12, tzinfo=UTC)
    other = AccountId(f"{account_id}-closed")

    def give(kind: type[AccountCommand], by: AccountId = account, **fields: Any) -> UUID:
        command = kind(account_id=by, command_id=uuid4(), **fields)
        journal.give(command)
        return command.effect_id

    for amount in (Amount(100, 0), Amount(7, 0)):
        give(Deposit, amount=amount, opens_in="CZK", booked_on=DAY, reference=reference)
    undone = events_of(journal.records.streams[ACCOUNTS.stream(account_id)])[-1]
    assert isinstance(undone, Entry)
    give(ReverseEntry, entry_id=undone.entry_id, entry=undone, booked_on=DAY)
    give(Withdraw, amount=Amount(1, 0), booked_on=DAY)
    give(SetOverdraftLimit, limit=Amount(50, 0))
    holds = [
        give(PlaceHold, amount=Amount(amount, 0), at=noon, expires=noon + timedelta(1))
        for amount in range(1, 5)
    ]
    give(CaptureHold, hold_id=holds[3], amount=Amount(1, 0), at=noon, booked_on=DAY)
    give(ReleaseHold, hold_id=holds[2])
    give(ExpireHold, hold_id=holds[1], at=noon + timedelta(1))
    give(CreateAccount, other, currency="CZK")
    give(Deposit, other, amount=Amount(10, 0), opens_in="CZK", booked_on=DAY)
    for minor, steps in (
        (10**9, ((SendMoney, account),)),
        (10_00, ((SendMoney, other), (ReceiveMoney, account))),
        (20_00, ((SendMoney, account), (ReturnMoney, account))),
    ):
        leg = {"transfer_id": uuid4(), "amount": minor, "currency": "CZK", "value_date": DAY}
        for kind, by in steps:
            give(kind, by, other=other if by == account else account, **leg)
    give(FreezeAccount)
    give(UnfreezeAccount)
    give(FreezeAccount)
    give(CloseAccount, other)


def traffic(journal: Journal, events: int, *, accounts: int = 10, seed: int = 1) -> int:
    """Entries on invented accounts until the log holds at least `events` more; returns the last position."""
    chance = random.Random(seed)
    wanted = len(journal.all) + events
    while len(journal.all) < wanted:
        number = chance.randrange(accounts)
        currency = ("CZK", "EUR", "JPY")[number % 3]
        journal.book(
            f"acc-{number}", chance.choice((1, -1)) * chance.randrange(1, 10**6), currency, note=f"n{number}"
        )
    return journal.all[-1].position
