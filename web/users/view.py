"""A person with their accounts and entries, as pages and the API show them."""

import asyncio
from collections.abc import Sequence

import msgspec

from domain.users import UnknownUser
from projections.readmodels import balances, history, people
from projections.readmodels.balances import AccountRow
from projections.readmodels.history import Entry
from projections.readmodels.people import Person
from web import messages_on_people as messages
from web.directory.directory import opened_all
from web.services import Services


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with personal data in plain text: a field is None if it is not known, or if its key was lost."""

    person: Person
    name: str | None
    email: str | None
    phone: str | None

    @property
    def user_id(self) -> str:
        return self.person.user_id


class EntryOf(msgspec.Struct, frozen=True):
    """An entry, and the account on which it was booked."""

    account_id: str
    entry: Entry


class EntryPage(msgspec.Struct, frozen=True):
    """`before` continues it; None at its end."""

    entries: Sequence[EntryOf]
    before: int | None


async def known(services: Services, user_id: str) -> Person:
    """Raises UnknownUser, ReadModelUnavailable."""
    found = await people.person(services.redis, user_id)
    if found is None:
        raise UnknownUser(messages.no_user(user_id))
    return found


async def shown(services: Services, found: list[Person]) -> list[Shown]:
    """Without those who were deleted a moment ago. Raises KeysUnavailable."""
    personal = await opened_all(services.keys, found)
    destroyed = services.directory.destroyed
    return [
        Shown(person=each, **fields)
        for each, fields in zip(found, personal, strict=True)
        if each.user_id not in destroyed
    ]


async def one(services: Services, user_id: str) -> Shown:
    """Raises UnknownUser, ReadModelUnavailable, KeysUnavailable."""
    found = await shown(services, [await known(services, user_id)])
    if not found:
        raise UnknownUser(messages.no_user(user_id))
    return found[0]


async def search(services: Services, text: str, limit: int) -> list[Shown]:
    """Raises NamesUnavailable, KeysUnavailable, ReadModelUnavailable."""
    user_ids = await services.directory.search(text, limit)
    return await shown(services, await people.people(services.redis, user_ids))


async def accounts(services: Services, person: Person) -> list[AccountRow]:
    """Those that are held, then those that were closed. One that is about to be opened is not there yet."""
    rows = await asyncio.gather(
        *(balances.account(services.redis, each) for each in (*person.accounts, *person.former))
    )
    return [row for row in rows if row is not None and row.holder == person.user_id]


async def entries(services: Services, person: Person, before: int | None, limit: int) -> EntryPage:
    """Of all accounts of the person, newest first."""
    account_ids = (*person.accounts, *person.former)
    histories = await asyncio.gather(
        *(history.entries(services.redis, each, before=before, limit=limit) for each in account_ids)
    )
    found = [
        EntryOf(account_id, entry)
        for account_id, listed in zip(account_ids, histories, strict=True)
        for entry in listed
    ]
    newest = sorted(found, key=lambda each: -each.entry.position)[:limit]
    return EntryPage(newest, newest[-1].entry.position if len(newest) == limit else None)
