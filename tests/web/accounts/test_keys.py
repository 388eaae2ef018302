"""An Idempotency-Key books once."""

import re
from uuid import uuid4

import httpx
import pytest

from domain.idempotency import WINDOW
from domain.messages import command_too_old
from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of
from web.http.keys import command_id


def test_the_same_key_and_body_give_the_same_answer_and_book_once(api: Api, name: str) -> None:
    key = str(uuid4())
    first = api.post(f"/api/accounts/{name}/deposits", {"amount": "70"}, key)
    again = api.post(f"/api/accounts/{name}/deposits", {"amount": "70"}, key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == key
    assert api.shown(name, first.json()["position"])["balance"] == "70.00"


def test_the_same_key_with_another_body_is_refused(api: Api, name: str) -> None:
    key = str(uuid4())
    api.post(f"/api/accounts/{name}/deposits", {"amount": "70"}, key)
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": "71"}, key)
    problem_of(answer, 422, "idempotency-key-reused")


def test_a_key_is_made_if_none_is_sent(api: Api, name: str) -> None:
    answer = api.http.post(f"/api/accounts/{name}/deposits", json={"amount": "5"})
    again = api.post(f"/api/accounts/{name}/deposits", {"amount": "5"}, answer.headers["idempotency-key"])
    assert again.json() == answer.json()


UUID_KEY = "0C6C7A52-6e0f-4d0a-9a53-2f3a3c1de7a1"


@pytest.mark.parametrize(
    ("sent", "repeated"),
    [
        ("monday", '"monday"'),
        ('"quote \\" and \\\\"', 'quote " and \\'),
        (f'"{UUID_KEY}"', UUID_KEY.lower()),
        ("k" * 255, f'"{"k" * 255}"'),
        ("pondělí " + "ě" * 247, "pondělí " + "ě" * 247),
    ],
)
def test_a_key_is_any_text_quoted_or_bare_and_the_answer_gives_it_back(
    api: Api, name: str, sent: str, repeated: str
) -> None:
    answers = [book(api, name, key) for key in (sent, repeated)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert [returned(answer) for answer in answers] == [sent, repeated]


def test_other_keys_book_again(api: Api, name: str) -> None:
    booked = [book(api, name, key).json()["revision"] for key in ("a", "A", "a b", "a" * 255)]
    assert booked == [1, 2, 3, 4]


@pytest.mark.parametrize("key", ["", '""', "k" * 256, f'"{"k" * 256}"'])
def test_a_key_that_is_empty_or_too_long_is_refused(api: Api, name: str, key: str) -> None:
    problem = problem_of(book(api, name, key), 400, "invalid-idempotency-key")
    assert codes_of(problem) == {"Idempotency-Key": "invalid-key"}


def test_two_keys_are_refused(api: Api, name: str) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = api.http.post(f"/api/accounts/{name}/deposits", json={"amount": "5"}, headers=headers)
    assert codes_of(problem_of(answer, 400, "invalid-idempotency-key")) == {"Idempotency-Key": "repeated"}


def test_a_key_that_is_older_than_the_window_says_that_nothing_was_done_whatever_is_sent(
    api: Api, name: str
) -> None:
    key = f"old {name}"
    book(api, name, key)
    for _ in range(2 * WINDOW):
        api.deposit(name, "1")
    for amount in ("5", "900"):
        problem = problem_of(
            api.post(f"/api/accounts/{name}/deposits", {"amount": amount}, key),
            409,
            "idempotency-key-too-old",
        )
        assert problem["detail"] == command_too_old(str(command_id(key)), name)
        page = api.http.get(problem["type"], headers={"accept": "text/html"}).text
        for text in (problem["detail"], page):
            assert "booked now" in text or "done now" in text
            assert not re.search(
                r"\b(is|was|has been) (booked|carried out)\b", text.lower().replace("nothing was booked", "")
            )


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_every_command_on_people_takes_any_key(api: Api, name: str, method: str) -> None:
    if method != "POST":
        assert api.post("/api/users", {"name": "Anna", "user_id": name}).status_code == 201
    path = "/api/users" if method == "POST" else f"/api/users/{name}"
    body = {} if method == "DELETE" else {"name": "Eva"} | ({"user_id": name} if method == "POST" else {})
    answers = [
        api.http.request(method, path, json=body, headers={"Idempotency-Key": key})
        for key in (f"{method} {name}", f'"{method} {name}"')
    ]
    assert answers[0].json() == answers[1].json()
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true"]


def test_a_deletion_has_no_fields(api: Api, name: str) -> None:
    assert api.post("/api/users", {"name": "Anna", "user_id": name}).status_code == 201
    answer = api.http.request("DELETE", f"/api/users/{name}", json={"colour": "red"})
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"colour": "unknown-field"}


def book(api: Api, name: str, key: str) -> httpx.Response:
    path = f"/api/accounts/{name}/deposits"
    return api.http.post(path, json={"amount": "5"}, headers={b"Idempotency-Key": key.encode()})


def returned(answer: httpx.Response) -> str:
    return dict(answer.headers.raw)[b"idempotency-key"].decode()
