"""Accounts and what is booked on them: load, decide, append.

The folded state of the accounts last used is kept in memory. It may be behind the log without harm: an append states
the revision that it was decided on, and a refusal is decided again on what the log holds.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from commands.outcomes import Outcome, earlier_outcomes, outcome_of
from commands.turns import QueueFull, Turns
from domain.account import Account, AccountCommand, Open, decide, evolve, initial, stream_of
from domain.errors import DomainError, ImpossibleHistory
from domain.events import AccountEvent
from eventstore.codec import Metadata, decode, encode
from eventstore.store import (
    NO_STREAM,
    Appended,
    EventStore,
    NewEvent,
    OutcomeUnknown,
    Recorded,
    WrongRevision,
)

__all__ = ["ACCOUNTS_KEPT", "CONFLICTS", "Context", "Ledger", "Outcome", "TooContended"]

CONFLICTS: Final = 10
"""How often a command is decided again because another writer was faster."""

ACCOUNTS_KEPT: Final = 2_000
"""Folded, each with its newest entries: 10 to 40 KB."""

_QUEUE_LENGTH: Final = 256
_QUEUE_SECONDS: Final = 10.0
_LONGEST_PAUSE: Final = 0.1


class TooContended(Exception):
    """Other writers were faster every time, or too many wait: nothing was booked. Repeat it with the same id."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Who gave a command, when, and in the course of what: the metadata of its events."""

    command_id: UUID
    correlation_id: UUID
    causation_id: UUID
    actor: str
    at: datetime


class _Loaded(msgspec.Struct, frozen=True):
    """An account's state at a revision of its stream."""

    state: Account
    revision: int


class _Decided(msgspec.Struct, frozen=True):
    """What commands led to, events by command, and the state after them."""

    events: Sequence[tuple[AccountEvent, ...]]
    after: _Loaded


_NOTHING: Final = _Loaded(initial, NO_STREAM)


class Ledger:
    """Raises, beside what each method says: StoreUnavailable, OutcomeUnknown, ImpossibleHistory, UnreadableEvent.

    After OutcomeUnknown or StoreUnavailable, repeating a command with the same id has one effect.
    """

    def __init__(self, store: EventStore, *, accounts_kept: int = ACCOUNTS_KEPT) -> None:
        self._store = store
        self._accounts_kept = accounts_kept
        self._kept: OrderedDict[str, _Loaded] = OrderedDict()
        self._turns = Turns(length=_QUEUE_LENGTH, patience=_QUEUE_SECONDS)

    async def transact(self, command: AccountCommand, context: Context) -> Outcome:
        """Raises a DomainError where a rule refuses, TooContended."""
        return (await self.transact_all([command], [context]))[0]

    async def transact_all(
        self, commands: Sequence[AccountCommand], contexts: Sequence[Context]
    ) -> Sequence[Outcome]:
        """Decide `commands` on one account one after another; book all that follows in one append, or nothing.

        Outcomes of one append share its position. Raises as `transact`.
        """
        account_id = _account_of(commands, contexts)
        try:
            async with self._turns.turn(account_id):
                return await self._transact(account_id, commands, contexts)
        except QueueFull as error:
            raise TooContended(f"Account {account_id} is too busy: {error}.") from error

    async def account(self, account_id: str) -> Account:
        """The account's state as the log holds it now."""
        return (await self._load(account_id)).state

    async def currency_of(self, account_id: str) -> str | None:
        """None where there is no such account."""
        kept = self._kept.get(account_id, _NOTHING).state
        if isinstance(kept, Open):
            return kept.currency
        first = await self._store.read_stream(stream_of(account_id), start=0, limit=1)
        state = _folded(_NOTHING, first).state
        return state.currency if isinstance(state, Open) else None

    async def _transact(
        self, account_id: str, commands: Sequence[AccountCommand], contexts: Sequence[Context]
    ) -> Sequence[Outcome]:
        loaded = self._kept.get(account_id) or await self._load(account_id)
        for conflicts in range(CONFLICTS):
            decided, loaded = await self._decide(account_id, commands, loaded)
            try:
                appended = await self._book(account_id, decided, contexts, loaded.revision)
            except WrongRevision as error:
                if error.current is not None and error.current < loaded.revision:
                    self._kept.pop(account_id, None)  # the log was set back: what is kept is of another one
                await _pause(conflicts)
                loaded = await self._load(account_id)
                continue
            self._keep(account_id, decided.after)
            return await self._outcomes(account_id, commands, decided, appended)
        raise TooContended(
            f"Account {account_id} changed {CONFLICTS} times while a command was decided on it."
        )

    async def _decide(
        self, account_id: str, commands: Sequence[AccountCommand], loaded: _Loaded
    ) -> tuple[_Decided, _Loaded]:
        """What follows, and from which state. A refusal counts only if what the log holds now leads to it."""
        try:
            return _decide_all(commands, loaded), loaded
        except DomainError:
            loaded = await self._load(account_id)
            return _decide_all(commands, loaded), loaded

    async def _book(
        self, account_id: str, decided: _Decided, contexts: Sequence[Context], expected: int
    ) -> Appended | None:
        """Where the last event stands; None where there was none to append."""
        new = [
            encode(event, _metadata(context), index)
            for events, context in zip(decided.events, contexts, strict=True)
            for index, event in enumerate(events)
        ]
        return await self._append(stream_of(account_id), new, expected) if new else None

    async def _append(self, stream: str, events: Sequence[NewEvent], expected: int) -> Appended:
        try:
            return await self._store.append(stream, events, expected=expected)
        except OutcomeUnknown:
            await _pause(CONFLICTS)
            return await self._store.append(stream, events, expected=expected)

    async def _outcomes(
        self,
        account_id: str,
        commands: Sequence[AccountCommand],
        decided: _Decided,
        appended: Appended | None,
    ) -> Sequence[Outcome]:
        repeated = [command for command, events in zip(commands, decided.events, strict=True) if not events]
        answers = await earlier_outcomes(self._store, stream_of(account_id), repeated)
        revision = decided.after.revision - sum(map(len, decided.events))
        outcomes = []
        for command, events in zip(commands, decided.events, strict=True):
            revision += len(events)
            if events and appended:
                outcome = outcome_of(events[-1], revision, appended.position, repeated=False)
            else:
                outcome = answers[command.command_id]
            outcomes.append(outcome)
        return outcomes

    async def _load(self, account_id: str) -> _Loaded:
        """What is kept and what the log holds after it."""
        kept = self._kept.get(account_id, _NOTHING)
        tail = await self._store.read_stream(stream_of(account_id), start=kept.revision + 1)
        loaded = _folded(kept, tail)
        self._keep(account_id, loaded)
        return loaded

    def _keep(self, account_id: str, loaded: _Loaded) -> None:
        if loaded.revision >= self._kept.get(account_id, _NOTHING).revision and loaded.revision != NO_STREAM:
            self._kept[account_id] = loaded
            self._kept.move_to_end(account_id)
            if len(self._kept) > self._accounts_kept:
                self._kept.popitem(last=False)


def _account_of(commands: Sequence[AccountCommand], contexts: Sequence[Context]) -> str:
    accounts = {command.account_id for command in commands}
    if len(accounts) != 1:
        raise ValueError(f"commands of one account are booked together, not of {len(accounts)}")
    if [command.command_id for command in commands] != [context.command_id for context in contexts]:
        raise ValueError("each command needs the context that carries its id")
    return accounts.pop()


def _decide_all(commands: Sequence[AccountCommand], loaded: _Loaded) -> _Decided:
    state = loaded.state
    decided = []
    for command in commands:
        events = decide(command, state)
        for event in events:
            state = evolve(state, event)
        decided.append(events)
    return _Decided(decided, _Loaded(state, loaded.revision + sum(map(len, decided))))


def _folded(loaded: _Loaded, tail: Sequence[Recorded]) -> _Loaded:
    state = loaded.state
    for recorded in tail:
        try:
            state = evolve(state, decode(recorded))
        except ImpossibleHistory as error:
            raise ImpossibleHistory(f"Event {recorded.revision} of {recorded.stream}: {error}") from error
    return _Loaded(state, tail[-1].revision if tail else loaded.revision)


def _metadata(context: Context) -> Metadata:
    return Metadata(
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        command_id=context.command_id,
        actor=context.actor,
        at=context.at,
    )


async def _pause(conflicts: int) -> None:
    longest = min(_LONGEST_PAUSE, 0.001 * 2**conflicts)
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311  jitter is no secret
