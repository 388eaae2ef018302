"""Keys on a server: which ones are refused, and what happens if it is away or killed."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import redis

from app.processes.keys import KeyServer, run_id_of
from eventstore.personal import messages
from eventstore.personal.keys import KeysUnavailable
from eventstore.personal.shared import KEYS, REWRITTEN, SharedKeys
from tests.kit.keys import SAFE_OPTIONS, Other, Place, on_a_server
from tests.kit.node import PROJECT
from tests.kit.valkey import Valkey, valkey

pytestmark = pytest.mark.every_server


@pytest.fixture
def place(tmp_path: Path, server_program: Path) -> Iterator[Place]:
    with on_a_server(tmp_path, server_program) as place:
        yield place


@pytest.fixture
def server(place: Place) -> Valkey:
    assert place.server
    return place.server


@pytest.fixture
def keys(server: Valkey) -> Iterator[SharedKeys]:
    with closing(SharedKeys(KeyServer(server.url))) as keys:
        yield keys


WRONG = {
    "appendonly": "no",
    "appendfsync": "everysec",
    "maxmemory-policy": "allkeys-lru",
    "save": "3600 1",
}


@pytest.mark.parametrize("option", WRONG)
def test_a_server_that_may_lose_or_keep_keys_is_refused(
    keys: SharedKeys, server: Valkey, option: str
) -> None:
    with redis.Redis.from_url(server.url) as admin:
        right = admin.config_get(option)[option]
        admin.config_set(option, WRONG[option])
        refusal = messages.wrong_option(option, WRONG[option], right)
        assert keys.check() == refusal
        for call in (keys.create, keys.get, keys.destroy):
            with pytest.raises(KeysUnavailable, match=re.escape(refusal)):
                call("anna")
        assert not admin.exists(KEYS)
        admin.config_set(option, right)
    assert keys.check() is None
    assert keys.create("anna")


def test_the_server_of_the_read_models_is_refused_by_whatever_name(server: Valkey) -> None:
    with closing(SharedKeys(KeyServer(server.url), lambda: run_id_of(f"{server.url}?db=3"))) as keys:
        assert keys.check() == messages.SERVER_OF_THE_READ_MODELS
        with pytest.raises(KeysUnavailable, match=re.escape(messages.SERVER_OF_THE_READ_MODELS)):
            keys.create("anna")


def test_another_server_or_one_that_is_away_is_not_the_read_models_own(
    server: Valkey, tmp_path: Path
) -> None:
    with valkey() as models:
        for url in (models.url, f"unix://{tmp_path}/nobody", None):
            with closing(SharedKeys(KeyServer(server.url), partial(run_id_of, url))) as keys:
                assert keys.check() is None


def test_a_server_with_replicas_is_refused_and_so_is_a_replica(keys: SharedKeys, server: Valkey) -> None:
    with redis.Redis.from_url(server.url) as admin:
        admin.replicaof("localhost", "1")
        assert keys.check() == messages.HAS_REPLICAS
        admin.replicaof("NO", "ONE")
    assert keys.check() is None


def test_a_password_that_is_wrong_or_missing_is_named(server: Valkey, keys: SharedKeys) -> None:
    keys.create("anna")
    with redis.Redis.from_url(server.url) as admin:
        admin.config_set("requirepass", "secret")
    signed_in = SharedKeys(KeyServer(f"{server.url}?password=secret"))
    signed_in.destroy("anna")
    signed_in.close()
    for url in (server.url, f"{server.url}?password=wrong"):
        refused = pytest.raises(KeysUnavailable, match=re.escape(messages.SIGN_IN_REFUSED))
        with closing(SharedKeys(KeyServer(url))) as other, refused:
            other.get("anna")


def rights() -> list[str]:
    """The line of the manual that begins with `ACL SETUSER keys`, without the user's name."""
    lines = (PROJECT / "docs" / "operations.md").read_text().splitlines()
    (line,) = [line.strip() for line in lines if line.strip().startswith("ACL SETUSER keys ")]
    return line.split()[3:]


def test_the_rights_in_the_manual_are_enough_and_without_them_the_right_is_named(server: Valkey) -> None:
    url = f"{server.url}?username=keys&password=secret"
    with redis.Redis.from_url(server.url) as admin:
        admin.execute_command("ACL", "SETUSER", "keys", *rights())
        with closing(SharedKeys(KeyServer(url))) as keys:
            keys.create("anna")
            keys.destroy("anna")
            assert keys.get("anna") is None
            assert keys.destroyed_after(0) == (1, ["anna"])
            admin.execute_command("ACL", "SETUSER", "keys", "-hmget")
            with pytest.raises(KeysUnavailable, match=re.escape(messages.NO_RIGHT)):
                keys.get("anna")


def test_a_server_that_is_away_is_unavailable_until_it_is_back_with_all_keys(
    keys: SharedKeys, server: Valkey
) -> None:
    anna = keys.create("anna")
    keys.destroy("boris")
    server.kill()
    for call in (keys.create, keys.get, keys.destroy):
        with pytest.raises(KeysUnavailable, match=re.escape(messages.SERVER_SILENT)):
            call("anna")
    server.start()
    assert keys.get_all(["anna", "boris"]) == [anna, None]
    assert keys.destroyed_after(0) == (1, ["boris"])


def test_a_destruction_whose_file_was_not_written_again_is_finished_by_the_next_who_comes(
    keys: SharedKeys, place: Place, server: Valkey
) -> None:
    anna = keys.create("anna")
    with redis.Redis.from_url(server.url) as admin:
        admin.hdel(KEYS, "anna")
        admin.zadd("daybook:destroyed", {"anna": 1})
        assert place.holds([anna]) == [anna]
        with closing(SharedKeys(KeyServer(server.url))) as other:
            assert other.get("anna") is None
        assert place.holds([anna]) == []
        assert admin.get(REWRITTEN) == b"1"


def test_a_rewrite_that_fails_is_said_and_repeating_the_destruction_finishes_it(
    keys: SharedKeys, place: Place, server: Valkey
) -> None:
    anna = keys.create("anna")
    (folder,) = [path for path in place.folder.iterdir() if path.is_dir()]
    moved = folder.rename(folder.with_name("elsewhere"))
    folder.write_text("in the way")
    with pytest.raises(KeysUnavailable, match=re.escape(messages.REWRITE_FAILED)):
        keys.destroy("anna")
    folder.unlink()
    moved.rename(folder)
    keys.destroy("anna")
    assert place.holds([anna]) == []


def test_a_server_that_is_killed_again_and_again_forgets_nothing_that_was_acknowledged(
    keys: SharedKeys, place: Place, server: Valkey
) -> None:
    people = [f"person-{number}" for number in range(30)]
    made = [keys.create(user_id) for user_id in people]
    with ThreadPoolExecutor(4) as pool:
        outcomes = [pool.submit(keys.destroy, user_id) for user_id in people[:20]]
        for _ in range(3):
            server.kill()
            server.start()
    done = [user_id for user_id, each in zip(people, outcomes, strict=False) if each.exception() is None]
    assert set(done) <= set(keys.destroyed_after(0)[1])
    assert keys.get_all(done) == [None] * len(done)
    for user_id in people[:20]:
        keys.destroy(user_id)
    assert keys.get_all(people) == [None] * 20 + made[20:]
    for left in place.folder.glob("temp-rewriteaof-*"):
        left.unlink()  # what docs/operations.md asks for when a server was killed
    assert place.holds(made[:20]) == []


def test_a_process_that_started_before_its_server_uses_it_later(place: Place, server: Valkey) -> None:
    server.kill()
    other = Other(place, "create")
    server.start()
    other.begin(["anna"])
    ((_, key),) = [line.split() for line in other.rest()]
    assert place.holds([bytes.fromhex(key)]) == [bytes.fromhex(key)]


def test_options_that_the_manual_asks_for_are_those_of_the_tests() -> None:
    composed = (PROJECT / "docker-compose.yml").read_text()
    assert " ".join(SAFE_OPTIONS) in composed
