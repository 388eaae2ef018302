"""Sends the steps of a story to the write side, at the story's pace. Continues after the last step in the log."""

import asyncio
import logging
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from app.demo.story import Request, Step, month, story
from app.messages import running as messages
from commands.accounts import Accounts
from commands.context import Context
from commands.handler import TooContended
from commands.transfers import Transfers
from domain.accounts import Account, AccountCommand, Unopened
from domain.accounts.commands import EntryCommand
from domain.errors import DomainError
from domain.identifiers import AccountId
from eventstore.store import StoreUnavailable, StreamStopped

PAUSE: Final = 1.0
"""Seconds between two tries if the log does not answer."""

_ACTOR: Final = "demo"
_MONTHS: Final = 100_000
"""A year of playing. The month that was reached is found by reading the state of one account 17 times."""

_log: Final = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
Sleep = Callable[[float], Awaitable[None]]


def utc_now() -> datetime:
    return datetime.now(UTC)


async def play(
    accounts: Accounts,
    transfers: Transfers,
    seed: int,
    *,
    sleep: Sleep = asyncio.sleep,
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Continues after the last step in the log, until cancelled. Waits while the log does not answer.

    Raises StoreRefused. The steps on an account that is stopped are left out.
    """
    for step in await _remaining(accounts, seed, now().date(), sleep):
        await sleep(step.after)
        await _give(_attempt(accounts, transfers, step.command, now()), sleep)


def _attempt(
    accounts: Accounts, transfers: Transfers, command: AccountCommand | Request, at: datetime
) -> Callable[[], Awaitable[object]]:
    context = _context(command.command_id, at)
    if isinstance(command, Request):
        order = msgspec.structs.replace(command.order, booked_on=at.date())
        return lambda: transfers.request(order, context)
    if isinstance(command, EntryCommand):
        command = msgspec.structs.replace(command, booked_on=at.date())
    return lambda: accounts.handle(command, context)


async def _give(attempt: Callable[[], Awaitable[object]], sleep: Sleep) -> None:
    try:
        await _insist(attempt, sleep)
    except (DomainError, StreamStopped) as refusal:
        _log.info(messages.demo_refused(str(refusal)))


async def _remaining(accounts: Accounts, seed: int, start: date, sleep: Sleep) -> Iterator[Step]:
    """Refused steps are not in the log: those after the last booked one are sent again, and refused again."""
    steps = list(month(seed, start, 0))
    account_ids = {step.command.account_id for step in steps if not isinstance(step.command, Request)}
    states = await _insist(lambda: _states(accounts, account_ids), sleep)
    begun = _months_begun(seed, start, states)
    if begun == 0:
        return story(seed, start)
    steps = list(month(seed, start, begun - 1))
    return chain(_after_the_last_booked(steps, states), story(seed, start, since=begun))


async def _states(accounts: Accounts, account_ids: Iterable[AccountId]) -> Mapping[AccountId, Account]:
    return {account_id: await _state(accounts, account_id) for account_id in account_ids}


async def _state(accounts: Accounts, account_id: AccountId) -> Account:
    try:
        return await accounts.state(account_id)
    except StreamStopped:
        return Unopened()


def _months_begun(seed: int, start: date, states: Mapping[AccountId, Account]) -> int:
    def is_new(number: int) -> bool:
        return not _is_booked(next(month(seed, start, number)).command, states)

    return bisect_left(range(_MONTHS), True, key=is_new)


def _after_the_last_booked(steps: Sequence[Step], states: Mapping[AccountId, Account]) -> Sequence[Step]:
    booked = (n for n, step in enumerate(steps) if _is_booked(step.command, states))
    return steps[max(booked, default=-1) + 1 :]


def _is_booked(command: AccountCommand | Request, states: Mapping[AccountId, Account]) -> bool:
    """A transfer does not show: requested again, it is not requested twice."""
    if isinstance(command, Request):
        return False
    state = states[command.account_id]
    if isinstance(state, Unopened):
        return False
    return command.effect_id == state.opened_by or command.effect_id in state.effects


async def _insist(attempt: Callable[[], Awaitable[_Answer]], sleep: Sleep) -> _Answer:
    while True:
        try:
            return await attempt()
        except (StoreUnavailable, TooContended) as error:
            _log.warning(messages.demo_waits(str(error)))
            await sleep(PAUSE)


def _context(command_id: UUID, at: datetime) -> Context:
    return Context(
        command_id=command_id,
        correlation_id=str(command_id),
        causation_id=command_id,
        actor=_ACTOR,
        at=at,
    )
