"""Daybook itself, whole, on a node with doors: its user may read $all by an ACL, and no more than it needs."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from esdbclient import EventStoreDBClient
from esdbclient.exceptions import EventStoreDBClientException

from embedded.doors import users
from tests.embedded.doors.kit import House
from tests.kit.stack import stack

ACL = {"$acl": {"$r": ["daybook", "$admins"]}}


def post(url: str, body: dict[str, str]) -> Any:
    answer = httpx.post(url, json=body, headers={"Idempotency-Key": str(uuid4())}, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_it_books_and_shows_as_a_user_that_an_acl_lets_read_all(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add(house.users, "daybook", "secret", [])
    with EventStoreDBClient(house.uri("admin:changeit")) as admin:
        admin.set_stream_metadata("$all", metadata=ACL)
    monkeypatch.setenv("DAYBOOK_ESDB_URI", house.uri("daybook:secret"))
    with stack(tmp_path / "var") as running:
        account = post(f"{running.url}/api/accounts", {"currency": "CZK"})["account_id"]
        booked = post(f"{running.url}/api/accounts/{account}/deposits", {"amount": "12.34"})
        shown = httpx.get(
            f"{running.url}/api/accounts/{account}",
            params={"min_position": booked["position"]},
            timeout=10,
        ).json()
        assert shown["balance"] == "12.34"
    with EventStoreDBClient(house.uri("daybook:secret")) as daybook:
        assert len(daybook.get_stream(f"account-{account}")) == 2
        with pytest.raises(EventStoreDBClientException, match="PERMISSION_DENIED"):
            daybook.set_stream_metadata("$all", metadata={}, current_version=0)
