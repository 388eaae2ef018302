"""A complete Daybook with a node with TLS and users. An ACL allows its user to read $all, and only what it needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import trustme
from esdbclient import EventStoreDBClient
from esdbclient.exceptions import EventStoreDBClientException

from esdbnode.security import users
from tests.kit.node import start_node
from tests.kit.stack import stack

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
