"""POST /api/transfers: what it answers, what it refuses, and what a repetition is answered. Nobody carries them on."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


@pytest.fixture
def payer(api: Api, name: str) -> str:
    """With 100.00, at revision 1."""
    api.booked(f"{name}/deposits", amount="100")
    return name


@pytest.fixture
def payee(api: Api, name: str) -> str:
    """With 1.00, at revision 1."""
    api.booked(f"{name}-to/deposits", amount="1")
    return f"{name}-to"


def body(payer: str, payee: str, amount: str = "30", **more: Any) -> dict[str, Any]:
    return {"from": payer, "to": payee, "amount": amount, **more}


def post(
    api: Api, sent: dict[str, Any], *, key: str = "", query: str = "", if_match: str = ""
) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid4())} | ({"If-Match": if_match} if if_match else {})
    return api.http.post(f"/api/transfers{query}", json=sent, headers=headers)


def test_a_transfer_is_requested(api: Api, payer: str, payee: str) -> None:
    key = str(uuid4())
    sent = body(payer, payee, note="rent", reference="R-1", value_date="2026-01-05")
    answer = post(api, sent, key=key)
    assert answer.status_code == 202
    found = answer.json()
    assert set(found) == {"transfer_id", "state", "position"}
    assert found["state"] == "requested"
    UUID(found["transfer_id"])
    assert answer.headers["location"] == f"/api/transfers/{found['transfer_id']}"
    assert answer.headers["idempotency-key"] == key
    assert "idempotent-replayed" not in answer.headers


def test_a_repeated_request_has_the_same_answer(api: Api, payer: str, payee: str) -> None:
    key = "pay the rent"
    first = post(api, body(payer, payee), key=key)
    again = post(api, body(payer, payee, "30.00"), key=key, if_match='"9"')
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    problem_of(post(api, body(payer, payee, "31"), key=key), 422, "idempotency-key-reused")
    other = post(api, body(payer, payee, note="other"), key=key)
    problem_of(other, 422, "idempotency-key-reused")


def test_a_dry_run_requests_nothing(api: Api, payer: str, payee: str) -> None:
    key = str(uuid4())
    tried = post(api, body(payer, payee), key=key, query="?dry_run=1")
    assert tried.status_code == 200
    requested = post(api, body(payer, payee), key=key)
    assert "idempotent-replayed" not in requested.headers
    assert tried.json() == {
        "transfer_id": requested.json()["transfer_id"],
        "state": "requested",
        "dry_run": True,
    }


def test_a_dry_run_says_why_the_receiving_account_would_decline_now(api: Api, payer: str, payee: str) -> None:
    api.booked(f"{payee}/freeze")
    declined = post(api, body(payer, payee), query="?dry_run=1").json()["declined"]
    assert declined["code"] == "account-frozen"
    assert payee in declined["detail"]
    assert post(api, body(payer, payee)).status_code == 202
    api.open(f"{payee}-eur", "EUR")
    other = post(api, body(payer, f"{payee}-eur"), query="?dry_run=1").json()
    assert other["declined"]["code"] == "currency-mismatch"


def test_a_request_is_for_revisions_of_the_paying_account(api: Api, payer: str, payee: str) -> None:
    api.booked(f"{payee}/deposits", amount="1")
    wrong = post(api, body(payer, payee), if_match='"2"')
    problem_of(wrong, 412, "revision-mismatch")
    assert wrong.headers["etag"] == '"1"'
    problem_of(post(api, body(payer, payee), if_match="1"), 400, "invalid-if-match")
    assert post(api, body(payer, payee), if_match='"1"').status_code == 202
    assert post(api, body(payer, payee), if_match="*").status_code == 202


@pytest.mark.parametrize("missing", ["from", "to"])
def test_both_accounts_have_to_exist(api: Api, payer: str, payee: str, missing: str) -> None:
    sent = body(payer, payee) | {missing: f"{payer}-nobody"}
    problem = problem_of(post(api, sent), 404, "unknown-account")
    assert f"{payer}-nobody" in problem["detail"]
    problem_of(api.http.get(f"/api/accounts/{payer}-nobody"), 404, "unknown-account")


def test_what_the_paying_account_cannot_pay_is_refused(api: Api, payer: str, payee: str) -> None:
    problem_of(post(api, body(payer, payee, "100.01")), 409, "insufficient-funds")
    api.booked(f"{payer}/freeze")
    problem_of(post(api, body(payer, payee)), 409, "account-frozen")
    api.booked(f"{payer}/unfreeze")
    api.booked(f"{payer}/withdrawals", amount="100")
    api.booked(f"{payer}/close")
    problem_of(post(api, body(payer, payee)), 409, "account-closed")


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"amount": "0"}, {"amount": "invalid-amount"}),
        ({"amount": "1.001"}, {"amount": "invalid-amount"}),
        ({"amount": 1}, {"amount": "not-a-string"}),
        ({"amount": None, "to": None}, {"amount": "missing", "to": "missing"}),
        ({"from": "a b", "to": "/"}, {"from": "invalid-account-id", "to": "invalid-account-id"}),
        ({"from": "a b", "amount": "x"}, {"from": "invalid-account-id", "amount": "invalid-amount"}),
        ({"value_date": "soon"}, {"value_date": "not-a-date"}),
        (
            {"note": "a\nb", "reference": "x" * 101},
            {"note": "invalid-note", "reference": "invalid-reference"},
        ),
        ({"currency": "CZK"}, {"currency": "unknown-field"}),
    ],
)
def test_each_wrong_field_is_named(
    api: Api, payer: str, payee: str, changed: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = post(api, body(payer, payee) | changed)
    assert codes_of(problem_of(answer, 422, "invalid-input")) == codes


def test_an_account_does_not_pay_itself(api: Api, payer: str) -> None:
    problem = problem_of(post(api, body(payer, payer)), 422, "invalid-input")
    assert codes_of(problem) == {"to": "same-account"}


def test_an_unknown_parameter_is_refused(api: Api, payer: str, payee: str) -> None:
    answer = post(api, body(payer, payee), query="?colour=red")
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"colour": "unknown-parameter"}


@pytest.mark.parametrize(
    "name", ["entry-of-transfer", "unknown-transfer", "transfer-not-completed", "transfer-reversed"]
)
def test_each_type_of_problem_has_its_page(api: Api, name: str) -> None:
    page = api.http.get(f"/problems/{name}", headers={"accept": "text/html"})
    assert (page.status_code, name in page.text) == (200, True)
