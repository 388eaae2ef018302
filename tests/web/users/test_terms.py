"""If-Match and dry runs of commands on people, as accounts have them: see tests.web.accounts.test_terms."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


@pytest.fixture
def person(api: Api, name: str) -> str:
    """At revision 1."""
    assert api.post("/api/users", {"name": "Anna", "user_id": name}).status_code == 201
    position = send(api, "PATCH", name, json={"phone": "112"}).json()["position"]
    answer = api.http.get(f"/api/users/{name}", params={"min_position": position})
    assert answer.headers["etag"] == '"1"'
    return name


def send(api: Api, method: str, person: str, *tags: str, query: str = "", **more: Any) -> httpx.Response:
    headers = [("If-Match", tag) for tag in tags] + [("Idempotency-Key", str(uuid4()))]
    return api.http.request(method, f"/api/users/{person}{query}", headers=headers, **more)


@pytest.mark.parametrize("tags", [('"1"',), ("*",), ('"0"', '"1"')])
def test_a_command_is_recorded_on_a_revision_that_if_match_names(
    api: Api, person: str, tags: tuple[str, ...]
) -> None:
    assert send(api, "PATCH", person, *tags, json={"name": "Eva"}).json()["revision"] == 2
    assert send(api, "DELETE", person, '"2"').status_code == 200


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"json": {"name": "Eva"}}), ("DELETE", {})])
def test_a_command_for_another_revision_is_refused_with_the_current_one(
    api: Api, person: str, method: str, body: dict[str, Any]
) -> None:
    answer = send(api, method, person, '"0"', **body)
    problem_of(answer, 412, "revision-mismatch")
    assert answer.headers["etag"] == '"1"'
    problem = problem_of(send(api, method, person, "1", **body), 400, "invalid-if-match")
    assert codes_of(problem) == {"If-Match": "not-a-list-of-revisions"}


def test_nobody_is_created_on_a_revision(api: Api, name: str) -> None:
    body, headers = {"name": "Anna", "user_id": name}, {"If-Match": "*"}
    problem_of(api.http.post("/api/users", json=body, headers=headers), 412, "revision-mismatch")


def test_a_dry_run_answers_what_the_command_would_and_records_nothing(api: Api, name: str) -> None:
    body, key = {"name": "Anna", "user_id": name}, str(uuid4())
    tried = api.post("/api/users?dry_run=1", body, key)
    assert (tried.status_code, tried.json()) == (200, {"user_id": name, "revision": 0, "dry_run": True})
    booked = api.post("/api/users?dry_run=0", body, key)
    assert (booked.status_code, booked.json()["revision"]) == (201, 0)
    for method, sent in (("PATCH", {"json": {"name": "Eva"}}), ("DELETE", {})):
        answer = send(api, method, name, query="?dry_run=1", **sent)
        assert (answer.status_code, answer.json()) == (200, {"user_id": name, "revision": 1, "dry_run": True})
    shown = api.http.get(f"/api/users/{name}", params={"min_position": booked.json()["position"]}).json()
    assert (shown["name"], shown["revision"]) == ("Anna", 0)


def test_a_dry_run_is_refused_as_the_command_would_be(api: Api, person: str, name: str) -> None:
    body = {"name": "Eva", "user_id": person}
    problem_of(api.post("/api/users?dry_run=1", body), 409, "user-exists")
    problem_of(send(api, "DELETE", person, '"9"', query="?dry_run=1"), 412, "revision-mismatch")
    problem_of(send(api, "DELETE", f"{person}-other", query="?dry_run=1"), 404, "unknown-user")
