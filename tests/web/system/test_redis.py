"""A Redis that is up, but refuses writes or loses keys: readiness, pages and the API say so, and it passes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis as redis_py

from projections import messages
from projections.engine.clients import plain
from projections.engine.keys import prefix_of
from tests.kit.projector import live_number, until
from tests.kit.valkey import Valkey, valkey
from tests.kit.web import PROJECT, Api, Served, served

pytestmark = pytest.mark.every_server

SAVES_TO = "dump.rdb"


class Site:
    def __init__(self, process: Served, server: Valkey, client: redis_py.Redis) -> None:
        self.api, self.lines, self.client = Api(process.url), process.lines, client
        self.redis_url, self.folder = server.url, server.folder

    def parts(self) -> dict[str, str]:
        return dict(self.api.http.get("/health/ready").json()["parts"])

    def is_ready(self) -> bool:
        return self.api.http.get("/health/ready").status_code == 200

    def page(self) -> str:
        return self.api.http.get("/").text

    def verb(self) -> str:
        """What `daybook status` prints."""
        addresses = {"DAYBOOK_ESDB_URI": "esdb://127.0.0.1:1", "DAYBOOK_REDIS_URL": self.redis_url}
        command = [sys.executable, "-m", "app", "status"]
        return subprocess.check_output(
            command, cwd=PROJECT, env={**os.environ, **addresses}, text=True, timeout=30
        )

    def models(self) -> list[dict[str, Any]]:
        return list(self.api.http.get("/api/projections").json()["projections"])


@pytest.fixture
def own(server_program: Path, tmp_path: Path) -> Iterator[Site]:
    with (
        valkey(program=server_program) as server,
        served(server.url, tmp_path) as process,
        plain(server.url) as client,
    ):
        site = Site(process, server, client)
        yield site
        site.api.http.close()


def fill_up(site: Site) -> None:
    site.client.config_set("maxmemory", 1)


def follow_another(site: Site) -> None:
    site.client.replicaof("127.0.0.1", 1)


def fail_to_save(site: Site) -> None:
    (site.folder / SAVES_TO).mkdir()
    site.client.config_set("save", "3600 1")
    site.client.bgsave()


def recover(site: Site) -> None:
    site.client.config_set("maxmemory", 0)
    site.client.config_set("save", "")
    site.client.execute_command("REPLICAOF", "NO", "ONE")  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("harm", "says", "logged"),
    [
        (fill_up, messages.REDIS_FULL, "used memory"),
        (follow_another, messages.REDIS_READ_ONLY, "read only replica"),
        (fail_to_save, messages.REDIS_CANNOT_SAVE, "MISCONF"),
    ],
)
def test_a_redis_that_refuses_writes_is_reported_as_what_it_is(
    own: Site, harm: Any, says: str, logged: str
) -> None:
    harm(own)
    until(lambda: own.parts()["projector"] == says, 20)
    assert own.parts()["read_models"] == says
    assert own.parts()["log"] == "ok"
    page = own.page()
    assert says in page
    assert "Up to date" not in page
    assert logged not in page
    assert {one["trouble"] for one in own.models()} == {says}
    assert any(logged in line for line in own.lines)
    verb = own.verb()
    assert says in verb
    assert "no projector" not in verb
    recover(own)
    until(own.is_ready, 20)
    assert {one["trouble"] for one in own.models()} == {None}


def test_a_redis_that_may_drop_keys_is_not_ready(own: Site) -> None:
    own.client.config_set("maxmemory-policy", "allkeys-lru")
    assert own.is_ready(), "without a bound on its memory it drops nothing"
    own.client.config_set("maxmemory", "200mb")
    assert not own.is_ready()
    assert own.parts()["read_models"] == messages.redis_drops_keys("allkeys-lru")
    assert "At risk" in own.page()
    own.client.config_set("maxmemory-policy", "noeviction")
    assert own.is_ready()
    assert "Up to date" in own.page()


def test_a_row_that_was_lost_is_never_an_account_that_does_not_exist(own: Site) -> None:
    own.api.shown("anna", own.api.deposit("anna", "10.00")["position"])
    number = live_number(own.client, "balances") or 0
    own.client.hdel(f"{prefix_of('balances', number)}rows", "anna")
    answers: list[httpx.Response] = []

    def is_shown() -> bool:
        answers.append(own.api.http.get("/api/accounts/anna"))
        return answers[-1].status_code == 200

    until(is_shown, 30)
    assert {answer.status_code for answer in answers} == {200, 503}
    assert answers[-1].json()["balance"] == "10.00"


def test_a_lost_key_heals_within_thirty_seconds(own: Site) -> None:
    own.api.shown("anna", own.api.deposit("anna", "10.00")["position"])
    number = live_number(own.client, "history") or 0
    own.client.delete(f"{prefix_of('history', number)}entries:anna")

    def entries() -> list[Any]:
        answer = own.api.http.get("/api/accounts/anna/history")
        return list(answer.json()["entries"]) if answer.status_code == 200 else []

    until(lambda: len(entries()) == 1, 30)
