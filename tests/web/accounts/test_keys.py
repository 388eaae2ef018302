"""An Idempotency-Key books once."""

from uuid import uuid4

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


def test_a_key_that_is_not_a_uuid_is_refused(api: Api, name: str) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": "5"}, "monday")
    problem = problem_of(answer, 400, "invalid-idempotency-key")
    assert codes_of(problem) == {"Idempotency-Key": "not-a-uuid"}
