"""A complete Daybook with a node with TLS and users. An ACL allows its user to read $all, and only what it needs."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis
import trustme
from esdbclient import EventStoreDBClient, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from esdbnode.security import users
from eventstore import messages
from projections import messages as projection_messages
from tests.kit.node import PROJECT, start_node
from tests.kit.projector import until
from tests.kit.stack import stack
from tests.kit.valkey import valkey

ACL = {"$acl": {"$r": ["daybook", "$admins"]}}


@pytest.fixture
def uri_of(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`uri_of("daybook:secret")`: the address of a node at which this user, or `admin:changeit`, signs in."""
    authority, certificate, file = tmp_path / "ca.crt", tmp_path / "node.pem", tmp_path / "users.json"
    issuer = trustme.CA()
    issuer.cert_pem.write_to_path(str(authority))
    issuer.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    users.add(file, "admin", "changeit", ["$admins"])
    users.add(file, "daybook", "secret", [])
    options = ("--tls-cert", str(certificate), "--tls-key", str(certificate), "--users", str(file))
    with start_node(None, *options) as node:
        yield lambda credential: f"esdb://{credential}@localhost:{node.port}?TlsCaFile={authority}"


def post(url: str, body: dict[str, str]) -> Any:
    answer = httpx.post(url, json=body, headers={"Idempotency-Key": str(uuid4())}, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()


def started(data: Path, **settings: str) -> tuple[int, str]:
    """The exit code of `up` with these settings, and what it said."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", "up", "--port", "0", "--data", str(data)],
        cwd=PROJECT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_up_ends_if_the_log_refuses_the_first_contact(uri_of: Callable[[str], str], tmp_path: Path) -> None:
    code, said = started(tmp_path / "var", DAYBOOK_ESDB_URI=uri_of("daybook:wrong"))
    assert (code, messages.SIGN_IN_REFUSED in said.splitlines()[-1]) == (1, True), said
    code, said = started(tmp_path / "var", DAYBOOK_ESDB_URI=uri_of("daybook:secret"))
    assert (code, messages.MAY_NOT_READ_ALL in said.splitlines()[-1]) == (1, True), said


def test_up_ends_if_redis_refuses_the_first_contact(tmp_path: Path) -> None:
    with valkey() as server, redis.Redis.from_url(server.url) as client:
        client.config_set("requirepass", "secret")
        for url in (server.url, server.url.replace("unix://", "unix://:wrong@")):
            code, said = started(tmp_path / "var", DAYBOOK_REDIS_URL=url)
            assert (code, projection_messages.REDIS_SIGN_IN_REFUSED in said.splitlines()[-1]) == (1, True), (
                said
            )


def test_a_right_that_is_taken_away_is_named_where_an_operator_looks(
    uri_of: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EventStoreDBClient(uri_of("admin:changeit")) as admin:
        admin.set_stream_metadata("$all", metadata=ACL)
        monkeypatch.setenv("DAYBOOK_ESDB_URI", uri_of("daybook:secret"))
        with stack(tmp_path / "var") as running:
            post(f"{running.url}/api/accounts/anna/deposits", {"amount": "12.34"})
            admin.set_stream_metadata("$all", metadata={}, current_version=StreamState.ANY)
            running.kill("projector")
            ready = f"{running.url}/health/ready"
            until(lambda: messages.MAY_NOT_READ_ALL in httpx.get(ready, timeout=10).json()["parts"]["log"])
            until(
                lambda: messages.MAY_NOT_READ_ALL in httpx.get(ready, timeout=10).json()["parts"]["projector"]
            )
            refused = httpx.get(f"{running.url}/api/events", timeout=10)
            assert refused.status_code == 502
            assert "PERMISSION_DENIED" not in refused.text
            post(f"{running.url}/api/accounts/anna/deposits", {"amount": "1.00"})
            admin.set_stream_metadata("$all", metadata=ACL, current_version=StreamState.ANY)
            until(lambda: httpx.get(ready, timeout=10).status_code == 200)


def test_it_books_and_shows_as_a_user_that_an_acl_lets_read_all(
    uri_of: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EventStoreDBClient(uri_of("admin:changeit")) as admin:
        admin.set_stream_metadata("$all", metadata=ACL)
    monkeypatch.setenv("DAYBOOK_ESDB_URI", uri_of("daybook:secret"))
    with stack(tmp_path / "var") as running:
        account = post(f"{running.url}/api/accounts", {"currency": "CZK"})["account_id"]
        booked = post(f"{running.url}/api/accounts/{account}/deposits", {"amount": "12.34"})
        shown = httpx.get(
            f"{running.url}/api/accounts/{account}",
            params={"min_position": booked["position"]},
            timeout=10,
        ).json()
        assert shown["balance"] == "12.34"
    with EventStoreDBClient(uri_of("daybook:secret")) as daybook:
        assert len(daybook.get_stream(f"account-{account}")) == 2
        with pytest.raises(EventStoreDBClientException, match="PERMISSION_DENIED"):
            daybook.set_stream_metadata("$all", metadata={}, current_version=0)
