"""The directory of names over a real Valkey: it follows the read model, and forgets whose keys were destroyed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from domain.users import CreateUser, UpdateUser
from eventstore.personal.keys import KeyStore, KeysUnavailable
from eventstore.personal.sealing import seal
from projections.engine.clients import Redis, reader
from projections.engine.reading import ReadModelUnavailable
from tests.kit.journal import Journal
from tests.kit.projector import project_all
from tests.kit.users import create_user, delete_user, fresh_keys, register, update_user
from tests.kit.valkey import Valkey, valkey
from web.directory import directory as module
from web.directory.directory import Directory
from web.http.problems import NamesUnavailable
from web.tasks import end

PATIENCE = 20.0


class Away:
    """A key store that gives no answer while `away`."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self.away = False

    def create(self, user_id: str) -> bytes:
        return self._answering().create(user_id)

    def get(self, user_id: str) -> bytes | None:
        return self._answering().get(user_id)

    def get_all(self, user_ids: Sequence[str]) -> list[bytes | None]:
        return self._answering().get_all(user_ids)

    def destroy(self, user_id: str) -> None:
        self._answering().destroy(user_id)

    def destroyed_after(self, sequence: int) -> tuple[int, list[str]]:
        return self._answering().destroyed_after(sequence)

    def close(self) -> None:
        self._keys.close()

    def _answering(self) -> KeyStore:
        if self.away:
            raise KeysUnavailable("away")
        return self._keys


class World:
    """A log of people, its read model, and a directory that runs."""

    def __init__(self, server: Valkey, redis: Redis) -> None:
        self.server = server
        self.journal = Journal()
        self.keys = Away(fresh_keys())
        self.directory = Directory(redis, self.keys)
        self._number = 0

    def create(self, user_id: str, name: str) -> None:
        self._register(create_user(self._next(), user=user_id), name)

    def rename(self, user_id: str, name: str) -> None:
        self._register(update_user(self._next(), user=user_id, name=""), name)

    def delete(self, user_id: str) -> None:
        register(self.journal, delete_user(self._next(), user=user_id))
        self.keys.destroy(user_id)
        self.project()

    def project(self) -> None:
        project_all(lambda: self.journal.log, self.server.url)

    async def until_found(self, text: str, expected: list[str]) -> None:
        async def found() -> bool:
            try:
                return await self.directory.search(text, 10) == expected
            except (NamesUnavailable, KeysUnavailable, ReadModelUnavailable):
                return False

        await until(found)

    def _register(self, command: CreateUser | UpdateUser, name: str) -> None:
        key = self.keys.create(command.user_id)
        text = seal(key, command.user_id, "name", name, command.command_id)
        register(self.journal, replace(command, name=text))
        self.project()

    def _next(self) -> int:
        self._number += 1
        return self._number


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    with valkey() as server:
        redis = reader(server.url)
        world = World(server, redis)
        world.create("anna", "Anna Nováková")
        task = asyncio.create_task(world.directory.run())
        try:
            yield world
        finally:
            await end([task])
            await redis.aclose()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        await made.until_found("nov", ["anna"])
        yield made


async def test_it_has_the_names_from_before_it_began_and_follows_what_changes(world: World) -> None:
    world.create("eva", "Eva Nováčková")
    await world.until_found("nov", ["anna", "eva"])
    world.rename("anna", "Anna Malá")
    await world.until_found("nov", ["eva"])
    await world.until_found("mal", ["anna"])
    world.delete("eva")
    await world.until_found("nov", [])
    assert world.directory.name_of("anna") == "Anna Malá"


async def test_it_forgets_whose_key_was_destroyed_also_without_projector_and_redis(world: World) -> None:
    world.server.kill()
    world.keys.destroy("anna")

    async def forgotten() -> bool:
        return world.directory.name_of("anna") is None and len(world.directory) == 0

    await until(forgotten)


async def test_without_redis_nothing_is_found_instead_of_something_old(world: World) -> None:
    world.server.kill()
    with pytest.raises(ReadModelUnavailable):
        await world.directory.search("nov", 10)


async def test_without_the_key_store_nothing_is_shown_until_it_answers_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    world.keys.away = True
    with pytest.raises(KeysUnavailable):
        await world.directory.search("nov", 10)
    assert world.directory.name_of("anna") is None
    monkeypatch.setattr(module, "PATIENCE", 30.0)
    world.keys.away = False
    await world.until_found("nov", ["anna"])


async def test_what_comes_while_the_keys_are_away_is_read_when_they_are_back(world: World) -> None:
    changed = update_user(7, user="anna")
    key = world.keys.create("anna")
    world.keys.away = True
    register(world.journal, replace(changed, name=seal(key, "anna", "name", "Anna Malá", changed.command_id)))
    world.project()
    await asyncio.sleep(0.1)
    world.keys.away = False
    await world.until_found("mal", ["anna"])
