"""What a reactor is: data, and two functions of its own."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from commands.accounts import Accounts
from commands.context import Context
from commands.transfers import Transfers
from commands.users import Users
from domain.decider import Event
from domain.vocabulary import BY_CLASS, BY_NAME
from eventstore.codec import Fact
from eventstore.store import EventStore

ACTOR: Final = "reactor"

_correlation: Final[ContextVar[str]] = ContextVar("correlation", default="")


class Begins(msgspec.Struct, frozen=True, gc=False):
    """The fact is the beginning of a task: the reactor acts on this fact, not before `due`."""

    key: str
    due: datetime


class Ends(msgspec.Struct, frozen=True, gc=False):
    """The fact is the end of the task with this key, if there is one: nothing is to be done any more."""

    key: str


def now() -> datetime:
    return datetime.now(UTC)


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What reactors act with: the log, the fronts of the aggregates, and a clock that says the time in UTC."""

    store: EventStore
    accounts: Accounts
    users: Users
    transfers: Transfers
    now: Callable[[], datetime] = now

    def forget(self, stream: str) -> None:
        """Another program deleted or limited this stream."""
        self.accounts.forget(stream)
        self.users.forget(stream)
        self.transfers.forget(stream)

    def forget_all(self) -> None:
        self.accounts.forget_all()
        self.users.forget_all()
        self.transfers.forget_all()


class Reactor(msgspec.Struct, frozen=True, kw_only=True):
    """`name` names its checkpoint, and is never used again for another reactor. `events` are what it looks at.

    `plan` says, of each such fact, whether a task begins or ends with it. It is pure: the log may be read again.

    `act` does the task that began with a fact. It may be called again for the same task, also at the same time in
    another process. So its effects have ids that are made from the fact, and the log decides. It returns whether the
    task is over; if not, or if it raises an error, it is called again later. Any error but StoreUnavailable and
    TooContended is reported.
    """

    name: str
    events: tuple[type[Event], ...]
    plan: Callable[[Fact[Any]], Begins | Ends | None]
    act: Callable[[Fact[Any], Tools], Awaitable[bool]]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the names of the streams of its events begin with."""
        return tuple(sorted({f"{BY_CLASS[event].category}-" for event in self.events}))

    @property
    def others(self) -> frozenset[str]:
        """The types of events that do not concern it. A later release may know that one unknown to this one does."""
        return frozenset(BY_NAME.keys() - {BY_CLASS[event].name for event in self.events})


def acting_on(fact: Fact[Any]) -> None:
    """From here on, log lines of the current task are about the request that `fact` belongs to."""
    _correlation.set(fact.correlation_id)


def context() -> dict[str, str]:
    """The fields of log lines: `correlation`, while a reactor acts on a fact that has one."""
    correlation_id = _correlation.get()
    return {"correlation": correlation_id} if correlation_id else {}


def context_after(fact: Fact[Any], command_id: UUID, now: datetime) -> Context:
    """The event that began the task is the cause of what follows from it."""
    return Context(
        command_id=command_id,
        correlation_id=fact.correlation_id or str(command_id),
        causation_id=UUID(fact.recorded.event_id),
        actor=ACTOR,
        at=now,
    )
