"""Each action of `daybook user`, and its answer: what the API answers, as data."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from app.people import log
from app.processes.addresses import servers
from app.processes.keys import open_keys
from app.refusal import Refusal
from app.settings import Settings
from commands.context import Context
from commands.deciding import Terms, WrongVersion
from commands.handler import TooContended
from commands.users import PARSERS, Personal, Users
from domain.errors import DomainError
from domain.identifiers import parse_user_id
from domain.users import UnknownUser
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.personal.keys import KeyStore, KeyStoreError
from eventstore.store import StoreError
from projections.readmodels.people import Person
from web.directory.directory import opened_all
from web.directory.index import Index
from web.http.inputs import BadKey
from web.http.keys import command_id
from web.messages_on_people import no_user
from web.users.answers import (
    ChangedAnswer,
    EntriesOfUserAnswer,
    EntryOfUserAnswer,
    ListedUserAnswer,
    UsersAnswer,
)
from web.users.commands import new_user_id
from web.users.view import EntryOf, Shown

MOST_FOUND: Final = 500

Answer = ChangedAnswer | ListedUserAnswer | UsersAnswer | EntriesOfUserAnswer


class Parts(NamedTuple):
    store: EsdbStore
    keys: KeyStore
    users: Users
    esdb_uri: str


def act(arguments: Namespace, settings: Settings) -> Answer:
    """Raises Refusal with the sentence, and exit code 1; or 2 if the command's id cannot be read."""
    try:
        with servers(settings) as running:
            there = settings._replace(esdb_uri=running.esdb_uri, redis_url=running.redis_url)
            return asyncio.run(_act(arguments, there))
    except BadKey as error:
        raise Refusal(str(error)) from None
    except (DomainError, StoreError, KeyStoreError, TooContended, WrongVersion) as error:
        raise Refusal(str(error), 1) from None


async def _act(arguments: Namespace, settings: Settings) -> Answer:
    async with _parts(settings) as parts:
        return await ACTIONS[arguments.action](parts, arguments)


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[Parts]:
    assert settings.esdb_uri is not None
    keys, store = open_keys(settings), EsdbStore(settings.esdb_uri)
    users = Users(store, keys)
    try:
        yield Parts(store, keys, users, settings.esdb_uri)
    finally:
        await users.close()
        await store.close()
        keys.close()


async def _create(parts: Parts, arguments: Namespace) -> Answer:
    context = _context(arguments)
    user_id = parse_user_id(arguments.id) if arguments.id else new_user_id(context.command_id)
    personal = Personal(**{field: text for field, text in _sent(arguments).items() if text is not None})
    terms = _terms(arguments)
    receipt = await parts.users.create(user_id, personal, context, terms)
    return ChangedAnswer.of(receipt, dry_run=terms.dry_run)


async def _update(parts: Parts, arguments: Namespace) -> Answer:
    user_id = parse_user_id(arguments.user)
    personal = Personal(**_sent(arguments))
    terms = _terms(arguments)
    receipt = await parts.users.update(user_id, personal, _context(arguments), terms)
    return ChangedAnswer.of(receipt, dry_run=terms.dry_run)


async def _delete(parts: Parts, arguments: Namespace) -> Answer:
    terms = _terms(arguments)
    receipt = await parts.users.delete(parse_user_id(arguments.user), _context(arguments), terms)
    return ChangedAnswer.of(receipt, dry_run=terms.dry_run)


async def _show(parts: Parts, arguments: Namespace) -> Answer:
    (shown,) = await _shown(parts, [await _known(parts, arguments)])
    return ListedUserAnswer.of(shown)


async def _search(parts: Parts, arguments: Namespace) -> Answer:
    """Those whose names can be read."""
    event_log = EsdbLog(parts.esdb_uri)
    try:
        everybody = await asyncio.to_thread(log.everybody, event_log)
    finally:
        event_log.close()
    shown = {each.user_id: each for each in await _shown(parts, everybody)}
    index = Index({user_id: each.name for user_id, each in shown.items() if each.name is not None})
    found = index.search(" ".join(arguments.words), MOST_FOUND)
    return UsersAnswer(users=[ListedUserAnswer.of(shown[user_id]) for user_id in found])


async def _entries(parts: Parts, arguments: Namespace) -> Answer:
    person = await _known(parts, arguments)
    found = await log.entries(parts.store, (*person.accounts, *person.former))
    listed = [EntryOfUserAnswer.on(EntryOf(account_id, entry)) for account_id, entry in found]
    return EntriesOfUserAnswer(user_id=person.user_id, entries=listed, before=None)


ACTIONS: Final[dict[str, Callable[[Parts, Namespace], Awaitable[Answer]]]] = {
    "create": _create,
    "update": _update,
    "delete": _delete,
    "show": _show,
    "search": _search,
    "entries": _entries,
}


async def _known(parts: Parts, arguments: Namespace) -> Person:
    user_id = parse_user_id(arguments.user)
    found = await log.person(parts.store, user_id)
    if found is None:
        raise UnknownUser(no_user(user_id))
    return found


async def _shown(parts: Parts, found: list[Person]) -> list[Shown]:
    personal = await opened_all(parts.keys, found)
    return [Shown(person=each, **fields) for each, fields in zip(found, personal, strict=True)]


def _sent(arguments: Namespace) -> dict[str, Any]:
    """The options that were given; an empty text clears a field, but for the name."""
    given = {field: getattr(arguments, field) for field in PARSERS}
    return {
        field: text or (text if field == "name" else None)
        for field, text in given.items()
        if text is not None
    }


def _context(arguments: Namespace) -> Context:
    key = command_id(arguments.command_id)
    return Context(
        command_id=key, correlation_id=str(key), causation_id=key, actor="command line", at=datetime.now(UTC)
    )


def _terms(arguments: Namespace) -> Terms:
    only_at = None if arguments.if_match is None else {arguments.if_match}
    return Terms(only_at=only_at, dry_run=arguments.dry_run)


def as_json(answer: Answer) -> str:
    return msgspec.json.encode(answer).decode()
