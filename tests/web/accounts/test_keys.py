"""An Idempotency-Key books once."""

from uuid import uuid4

import httpx
import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


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


def book(api: Api, name: str, key: str) -> httpx.Response:
    path = f"/api/accounts/{name}/deposits"
    return api.http.post(path, json={"amount": "5"}, headers={b"Idempotency-Key": key.encode()})


def returned(answer: httpx.Response) -> str:
    return dict(answer.headers.raw)[b"idempotency-key"].decode()
