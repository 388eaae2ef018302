"""If-Match books a command only on the revisions that it names; a dry run decides and books nothing."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


@pytest.fixture
def account(api: Api, name: str) -> str:
    """With 100.00, at revision 1."""
    api.booked(f"{name}/deposits", amount="100")
    return name


def freeze(api: Api, account: str, *tags: str, query: str = "", key: str = "") -> httpx.Response:
    headers = [("If-Match", tag) for tag in tags] + [("Idempotency-Key", key or str(uuid4()))]
    return api.http.post(f"/api/accounts/{account}/freeze{query}", headers=headers)


def test_an_account_answers_with_its_revision_as_etag(api: Api, account: str) -> None:
    assert api.http.get(f"/api/accounts/{account}").headers["etag"] == '"1"'


@pytest.mark.parametrize(
    "tags", [('"1"',), ("*",), ('"0", "1"',), ('W/"1","1"',), (',"x" ,, "1",',), ('"7"', '"1"')]
)
def test_a_command_is_booked_on_a_revision_that_if_match_names(
    api: Api, account: str, tags: tuple[str, ...]
) -> None:
    assert freeze(api, account, *tags).status_code == 201


@pytest.mark.parametrize("tag", ['"0"', '"2", "3"', 'W/"1"', '"01"', '"x"', '""'])
def test_a_command_for_another_revision_is_refused_with_the_current_one(
    api: Api, account: str, tag: str
) -> None:
    answer = freeze(api, account, tag)
    problem = problem_of(answer, 412, "revision-mismatch")
    assert "revision 1" in problem["detail"]
    assert answer.headers["etag"] == '"1"'
    assert api.http.get(f"/api/accounts/{account}").json()["state"] == "open"


def test_an_asterisk_wants_an_account_that_exists(api: Api, name: str) -> None:
    path = f"/api/accounts/{name}/deposits"
    answer = api.http.post(path, json={"amount": "1"}, headers={"If-Match": "*"})
    problem_of(answer, 412, "revision-mismatch")
    assert "etag" not in answer.headers
    assert api.http.get(f"/api/accounts/{name}").status_code == 404


@pytest.mark.parametrize("tag", ["1", "", '"1', '"1" "2"', '*, "1"', 'w/"1"', '"a b"'])
def test_a_malformed_if_match_is_refused(api: Api, account: str, tag: str) -> None:
    problem = problem_of(freeze(api, account, tag), 400, "invalid-if-match")
    assert codes_of(problem) == {"If-Match": "not-a-list-of-revisions"}


def test_a_repeated_command_is_answered_whatever_its_if_match(api: Api, account: str) -> None:
    key = str(uuid4())
    first, again = (freeze(api, account, '"1"', key=key) for _ in range(2))
    assert first.json() == again.json()
    assert again.status_code == 201


def test_a_dry_run_answers_what_the_command_would_and_books_nothing(api: Api, account: str) -> None:
    key = str(uuid4())
    path, body = f"/api/accounts/{account}/holds", {"amount": "30"}
    tried = api.post(f"{path}?dry_run=1", body, key)
    assert tried.status_code == 200
    assert api.http.get(f"/api/accounts/{account}").json()["revision"] == 1
    booked = api.post(f"{path}?dry_run=0", body, key)
    assert booked.status_code == 201
    assert without(booked.json(), "position") == without(tried.json(), "dry_run")
    assert tried.json()["dry_run"] is True
    assert tried.headers["idempotency-key"] == key
    again = api.post(f"{path}?dry_run=1", body, key)
    assert (again.status_code, again.json()) == (200, tried.json())


def without(answer: dict[str, Any], name: str) -> dict[str, Any]:
    assert name in answer
    return {field: value for field, value in answer.items() if field != name}


def test_a_dry_run_opens_no_account(api: Api, name: str) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits?dry_run=1", {"amount": "5"})
    assert (answer.status_code, answer.json()["balance"], answer.json()["revision"]) == (200, "5.00", 1)
    assert api.http.get(f"/api/accounts/{name}").status_code == 404


def test_a_dry_run_is_refused_as_the_command_would_be(api: Api, account: str) -> None:
    path = f"/api/accounts/{account}/withdrawals?dry_run=1"
    problem_of(api.post(path, {"amount": "100.01"}), 409, "insufficient-funds")
    problem_of(freeze(api, account, '"9"', query="?dry_run=1"), 412, "revision-mismatch")


@pytest.mark.parametrize("value", ["2", "true", "x", ""])
def test_dry_run_is_one_or_zero(api: Api, account: str, value: str) -> None:
    answer = freeze(api, account, query=f"?dry_run={value}")
    code = "not-an-option" if value else "missing"
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"dry_run": code}
    assert api.http.get(f"/api/accounts/{account}").json()["state"] == "open"
