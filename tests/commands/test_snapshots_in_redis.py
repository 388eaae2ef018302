"""Snapshots in a real Redis, and what happens when it is away, silent, full or read-only."""

import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import redis

from commands import archive
from commands.accounts import Accounts
from commands.snapshots import Snapshots
from domain.identifiers import AccountId
from eventstore.esdb import EsdbStore
from projections.engine.clients import reader
from projections.engine.snapshots import LIFETIME, RedisSnapshots
from tests.kit.accounts import record
from tests.kit.contexts import context_of
from tests.kit.faults import Unreliable
from tests.kit.node import Node
from tests.kit.valkey import Valkey, valkey

pytestmark = pytest.mark.asyncio(loop_scope="session")

ACCOUNT = AccountId("a")
ENTRIES = 300


class Counted(RedisSnapshots):
    """Counts what it is asked for."""

    gets = 0

    async def get(self, key: str) -> bytes | None:
        self.gets += 1
        return await super().get(key)


@pytest.fixture
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def store(own_node: Node) -> AsyncIterator[Unreliable]:
    """A log with a long account."""
    made = EsdbStore(own_node.uri)
    many = [record(n, 1, account=ACCOUNT) for n in range(ENTRIES)]
    await Accounts(made).handle_all(many, [context_of(command) for command in many])
    yield Unreliable(made)
    await made.close()


def snapshots(server: Valkey) -> Counted:
    return Counted(reader(server.url, connections=4))


async def read_by_a_new_process(store: Unreliable, kept: Snapshots | None) -> list[int]:
    """The account is right; returns how many events each read gave."""
    store.read.clear()
    accounts = Accounts(store, snapshots=kept)
    entry = record(0, 1, account=ACCOUNT)
    assert (await accounts.handle(entry, context_of(entry))).repeated
    state = await accounts.state(ACCOUNT)
    assert getattr(state, "opened_by", None) == record(0, 1, account=ACCOUNT).effect_id
    await accounts.close()
    return store.read[:1]


async def test_a_new_process_continues_from_a_snapshot_that_expires(
    store: Unreliable, server: Valkey
) -> None:
    assert await read_by_a_new_process(store, snapshots(server)) == [ENTRIES + 1]
    with redis.Redis.from_url(server.url) as client:
        (key,) = client.keys()
        assert key.startswith(b"daybook:snapshot:")
        assert key.endswith(b":account-a")
        assert LIFETIME - 60 < client.ttl(key) <= LIFETIME
    assert await read_by_a_new_process(store, snapshots(server)) == [1]


@pytest.mark.parametrize("blob", [b"", b"\xff" * 100, b"0" * 5_000])
async def test_other_bytes_in_its_place_are_ignored_and_replaced(
    store: Unreliable, server: Valkey, blob: bytes
) -> None:
    await read_by_a_new_process(store, snapshots(server))
    with redis.Redis.from_url(server.url) as client:
        (key,) = client.keys()
        client.set(key, blob)
        assert await read_by_a_new_process(store, snapshots(server)) == [ENTRIES + 1]
        assert client.get(key) != blob


async def test_a_key_of_another_type_is_ignored(store: Unreliable, server: Valkey) -> None:
    await read_by_a_new_process(store, snapshots(server))
    with redis.Redis.from_url(server.url) as client:
        (key,) = client.keys()
        client.delete(key)
        client.rpush(key, "x")
    assert await read_by_a_new_process(store, snapshots(server)) == [ENTRIES + 1]


@pytest.mark.parametrize("setting", [("replicaof", "127.0.0.1 1"), ("maxmemory", "1")])
async def test_a_redis_that_takes_no_writes_is_no_obstacle(
    store: Unreliable, server: Valkey, setting: tuple[str, str]
) -> None:
    with redis.Redis.from_url(server.url) as client:
        if setting[0] == "replicaof":
            client.replicaof(*setting[1].split())
        else:
            client.config_set(*setting)
    for _ in range(2):
        assert await read_by_a_new_process(store, snapshots(server)) == [ENTRIES + 1]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_redis_that_is_killed_or_frozen_is_asked_once_and_then_left_alone(
    store: Unreliable, server: Valkey, how: signal.Signals
) -> None:
    await read_by_a_new_process(store, snapshots(server))
    assert server.process is not None
    server.process.send_signal(how)
    kept = snapshots(server)
    accounts = Accounts(store, snapshots=kept)
    store.read.clear()
    for _ in range(5):
        await accounts.state(ACCOUNT)
        accounts.forget_all()
    await accounts.close()
    assert kept.gets == 1
    assert store.read == [ENTRIES + 1] * 5


async def test_it_is_used_again_after_a_restart(
    store: Unreliable, server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PAUSE", 0.0)
    kept = snapshots(server)
    accounts = Accounts(store, snapshots=kept)
    server.kill()
    await accounts.state(ACCOUNT)
    server.start()
    accounts.forget_all()
    await accounts.state(ACCOUNT)
    await accounts.close()
    assert await read_by_a_new_process(store, snapshots(server)) == [1]
