"""The read model `people`: everybody who was created and not deleted, and which accounts they hold.

rows                      user id -> Row
names, emails, phones     user id -> text that is sealed with the person's key

Personal data is here only as the log has it: sealed. Somebody who is deleted goes away from all of these.
A row is an array of msgpack. Fields are only ever added at its end.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final, assert_never

import msgspec

from domain.users import (
    USERS,
    AccountAdded,
    AccountRemoved,
    Standing,
    UserCreated,
    UserDeleted,
    UserEvent,
    UserUpdated,
)
from eventstore.codec import Fact
from projections.engine.clients import Redis
from projections.engine.reading import answering, live_prefix, withdrawn
from projections.engine.readmodel import Cell, ReadModel, channel
from projections.engine.stopped import Stopped, stopped_among
from projections.engine.writes import HashDelete, HashSet, Write, encode

FIELDS: Final = {"name": "names", "email": "emails", "phone": "phones"}
"""The key of each field of personal data."""

_TOGETHER: Final = 2_000

# Storage.


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`changed` is in 100 ns ticks since 1970 (UTC). `accounts` are held now, `former` were closed."""

    position: int
    revision: int
    changed: int
    accounts: tuple[str, ...]
    former: tuple[str, ...]


row_of: Final = msgspec.msgpack.Decoder(Row).decode


def project(fact: Fact[UserEvent]) -> tuple[Write, ...]:
    event, user_id = fact.event, fact.event.user_id
    if type(event) is UserDeleted:
        return tuple(HashDelete(key, user_id) for key in ("rows", *FIELDS.values()))
    recorded, standing = fact.recorded, fact.standing
    assert type(standing) is Standing
    row = Row(recorded.position, recorded.revision, recorded.created, standing.accounts, standing.former)
    return (HashSet("rows", user_id, row), *_personal(event))


def _personal(event: UserCreated | UserUpdated | AccountAdded | AccountRemoved) -> Iterable[Write]:
    match event:
        case UserCreated() | UserUpdated():
            for field, text in _sent(event).items():
                key = FIELDS[field]
                yield HashDelete(key, event.user_id) if text is None else HashSet(key, event.user_id, text)
        case AccountAdded() | AccountRemoved():
            pass
        case _:
            assert_never(event)


def _sent(event: UserCreated | UserUpdated) -> dict[str, str | None]:
    """The sealed fields that the event states; None: there is none from now on."""
    texts = {field: getattr(event, field) for field in FIELDS}
    return {field: text for field, text in texts.items() if text is not msgspec.UNSET}


def expected(facts: Iterable[Fact[UserEvent]]) -> dict[Cell, Any]:
    """For the audit: folded one person at a time, without the standing."""
    histories: dict[str, list[Fact[UserEvent]]] = {}
    for fact in facts:
        histories.setdefault(fact.event.user_id, []).append(fact)
    return {cell: value for user_id, facts in histories.items() for cell, value in _cells(user_id, facts)}


def _cells(user_id: str, facts: list[Fact[UserEvent]]) -> Iterable[tuple[Cell, Any]]:
    open_, former, personal = dict[str, None](), list[str](), dict[str, str | None]()
    for event in (fact.event for fact in facts):
        match event:
            case UserDeleted():
                return
            case AccountAdded():
                open_[event.account_id] = None
            case AccountRemoved():
                del open_[event.account_id]
                former += [event.account_id] if event.reason == "closed" else []
            case UserCreated() | UserUpdated():
                personal |= _sent(event)
            case _:
                assert_never(event)
    last = facts[-1].recorded
    row = Row(last.position, last.revision, last.created, tuple(open_), tuple(former))
    yield Cell("hash", "rows", user_id), encode(row)
    for field, text in personal.items():
        if text is not None:
            yield Cell("hash", FIELDS[field], user_id), text.encode()


MODEL: Final = ReadModel[UserEvent](
    name="people",
    version=1,
    categories=(USERS.category,),
    project=project,
    channels=("rows", "names"),
    expected=expected,
)
ROWS: Final = channel(MODEL.name, "rows")
NAMES: Final = channel(MODEL.name, "names")

# Queries.


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as of their last event that counts. Name, email and phone are sealed.

    `stopped` says why later events do not count, if there are any.
    """

    user_id: str
    name: str
    email: str | None
    phone: str | None
    accounts: tuple[str, ...]
    former: tuple[str, ...]
    revision: int
    position: int
    changed: int
    stopped: Stopped | None = None

    @property
    def sealed(self) -> dict[str, str]:
        """The fields of personal data that there are."""
        texts = {"name": self.name, "email": self.email, "phone": self.phone}
        return {field: text for field, text in texts.items() if text is not None}


async def person(redis: Redis, user_id: str) -> Person | None:
    """Raises ReadModelUnavailable, as all queries do."""
    found = await people(redis, [user_id])
    return found[0] if found else None


async def people(redis: Redis, user_ids: list[str]) -> list[Person]:
    """Those of `user_ids` who exist, in that order."""
    if not user_ids:
        return []
    async with answering():
        prefix = await live_prefix(redis, MODEL)
        async with redis.pipeline(transaction=True) as pipeline:
            for key in ("rows", *FIELDS.values()):
                pipeline.hmget(f"{prefix}{key}", user_ids)
            columns = await pipeline.execute()
        stops = await stopped_among(redis, prefix, [USERS.stream(user_id) for user_id in user_ids])
        if any(row is not None and name is None for row, name in zip(columns[0], columns[1], strict=True)):
            raise await withdrawn(redis, MODEL, prefix)
    rows = zip(user_ids, *columns, stops, strict=True)
    return [_person(user_id, row, sealed, stop) for user_id, row, *sealed, stop in rows if row is not None]


def _person(user_id: str, blob: bytes, sealed: list[bytes | None], stopped: Stopped | None) -> Person:
    texts = [None if text is None else text.decode() for text in sealed]
    fields: dict[str, Any] = {**dict(zip(FIELDS, texts, strict=True)), **msgspec.structs.asdict(row_of(blob))}
    return Person(user_id=user_id, stopped=stopped, **fields)


async def check(redis: Redis) -> None:
    """Raises ReadModelUnavailable unless the read model can answer."""
    async with answering():
        await live_prefix(redis, MODEL)


async def names(redis: Redis) -> AsyncIterator[dict[str, str]]:
    """The sealed name of everybody, by user id, in parts. Who changes meanwhile may come twice, or as before."""
    async with answering():
        prefix = await live_prefix(redis, MODEL)
    cursor = 0
    while True:
        async with answering():
            reply: Any = await redis.hscan(f"{prefix}names", cursor, count=_TOGETHER)
        cursor, found = reply
        yield {user_id.decode(): sealed.decode() for user_id, sealed in found.items()}
        if cursor == 0:
            return
