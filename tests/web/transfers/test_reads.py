"""GET /api/transfers and /api/transfers/{id}: each state, its reason and its entries; the list and its filters."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.transfers.messages import unknown_transfer
from tests.kit.projector import until
from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of
from web.messages_on_transfers import declined


@pytest.fixture
def payer(transfers: Api, name: str) -> str:
    """With 100.00."""
    transfers.booked(f"{name}/deposits", amount="100")
    return name


@pytest.fixture
def payee(transfers: Api, name: str) -> str:
    """With 1.00."""
    transfers.booked(f"{name}-to/deposits", amount="1")
    return f"{name}-to"


def request(api: Api, payer: str, payee: str, amount: str = "30", **more: str) -> dict[str, Any]:
    answer = api.post("/api/transfers", {"from": payer, "to": payee, "amount": amount, **more})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def get(api: Api, transfer_id: str, **params: Any) -> dict[str, Any]:
    answer = api.http.get(f"/api/transfers/{transfer_id}", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ended(api: Api, requested: dict[str, Any]) -> dict[str, Any]:
    """The transfer when it has ended."""
    transfer_id, at = requested["transfer_id"], requested["position"]
    until(lambda: get(api, transfer_id, min_position=at)["state"] in ("completed", "refused", "refunded"))
    return get(api, transfer_id)


def listed(api: Api, **params: Any) -> list[str]:
    return [str(each["transfer_id"]) for each in _list(api, **params).json()["transfers"]]


def _list(api: Api, **params: Any) -> httpx.Response:
    return api.http.get("/api/transfers", params=params)


def test_a_completed_transfer_has_both_entries(transfers: Api, payer: str, payee: str) -> None:
    requested = request(transfers, payer, payee, note="rent", reference="R1", value_date="2026-01-05")
    found = ended(transfers, requested)
    debit, credit = (
        transfers.http.get(f"/api/accounts/{each}/history").json()["entries"][0] for each in (payer, payee)
    )
    assert found == {
        "transfer_id": requested["transfer_id"],
        "state": "completed",
        "from": payer,
        "to": payee,
        "amount": "30.00",
        "currency": "CZK",
        "value_date": "2026-01-05",
        "note": "rent",
        "reference": "R1",
        "debit": {"entry_id": debit["entry_id"], "account_id": payer},
        "credit": {"entry_id": credit["entry_id"], "account_id": payee},
        "refund": None,
        "reverses": None,
        "reversed_by": None,
        "requested": found["requested"],
        "changed": found["changed"],
        "revision": 3,
        "position": found["position"],
        "settling": False,
    }
    assert found["requested"] <= found["changed"]
    assert found["position"] > requested["position"]


def test_a_transfer_that_the_receiving_account_declines_is_refunded(
    transfers: Api, payer: str, payee: str
) -> None:
    transfers.booked(f"{payee}/freeze")
    found = ended(transfers, request(transfers, payer, payee))
    assert (found["state"], found["reason"]) == ("refunded", "account-frozen")
    assert found["detail"] == declined(payee, "account-frozen")
    assert (found["debit"]["account_id"], found["credit"], found["refund"]["account_id"]) == (
        payer,
        None,
        payer,
    )


def test_a_transfer_is_refused_if_the_paying_account_has_changed(
    transfers: Api, payer: str, payee: str
) -> None:
    """Only one of those that are bound to the same revision is debited."""
    sent = {"from": payer, "to": payee, "amount": "30"}
    answers = [
        transfers.http.post("/api/transfers", json=sent, headers={"If-Match": '"1"'}) for _ in range(5)
    ]
    found = [ended(transfers, each.json()) for each in answers if each.status_code == 202]
    refused = [each for each in found if each["state"] == "refused"]
    assert len(found) - len(refused) == 1
    for each in refused:
        assert each["reason"] == "account-changed"
        assert each["detail"] == declined(payer, "account-changed")
        assert (each["debit"], each["credit"], each["refund"]) == (None, None, None)


def test_a_transfer_and_its_reversal_name_each_other(transfers: Api, payer: str, payee: str) -> None:
    first = ended(transfers, request(transfers, payer, payee))
    path = f"/api/accounts/{payee}/entries/{first['credit']['entry_id']}/reversal"
    second = ended(transfers, transfers.post(path, {}).json())
    assert (second["state"], second["reverses"]) == ("completed", first["transfer_id"])
    assert (second["from"], second["to"], second["amount"]) == (payee, payer, "30.00")
    assert get(transfers, first["transfer_id"])["reversed_by"] == second["transfer_id"]


def test_a_transfer_that_nobody_carries_on_is_requested(api: Api, name: str) -> None:
    """On a site without a reactor."""
    for account in (name, f"{name}-to"):
        api.booked(f"{account}/deposits", amount="100")
    asked = request(api, name, f"{name}-to")
    found = get(api, asked["transfer_id"], min_position=asked["position"])
    assert (found["state"], found["settling"]) == ("requested", False)
    assert (found["revision"], found["position"]) == (0, asked["position"])
    assert (found["debit"], found["credit"], found["refund"]) == (None, None, None)
    assert "reason" not in found
    assert asked["transfer_id"] in listed(api, state="requested")


def test_an_unknown_transfer_is_not_found(transfers: Api) -> None:
    nobody = str(uuid4())
    problem = problem_of(transfers.http.get(f"/api/transfers/{nobody}"), 404, "unknown-transfer")
    assert problem["detail"] == unknown_transfer(nobody)
    early = transfers.http.get(f"/api/transfers/{nobody}", params={"min_position": 10**6})
    problem_of(early, 404, "unknown-transfer")


def test_a_transfer_is_found_as_soon_as_it_was_requested(transfers: Api, payer: str, payee: str) -> None:
    """From the log, until a read model has it."""
    for _ in range(20):
        requested = request(transfers, payer, payee, "1")
        found = get(transfers, requested["transfer_id"])
        assert (found["from"], found["to"], found["amount"]) == (payer, payee, "1.00")


def test_the_id_of_a_transfer_is_a_uuid(transfers: Api) -> None:
    problem = problem_of(transfers.http.get("/api/transfers/x"), 422, "invalid-input")
    assert codes_of(problem) == {"transfer_id": "not-a-uuid"}


def test_transfers_are_listed_by_account_and_state(transfers: Api, payer: str, payee: str) -> None:
    made = [ended(transfers, request(transfers, payer, payee, amount))["transfer_id"] for amount in "123"]
    transfers.booked(f"{payee}/freeze")
    back = ended(transfers, request(transfers, payer, payee))["transfer_id"]
    assert listed(transfers, account=payer) == listed(transfers, account=payee) == [back, *reversed(made)]
    assert listed(transfers, account=payer, state="refunded") == [back]
    assert listed(transfers, account=payee, state="completed") == [*reversed(made)]
    assert listed(transfers, account=f"{payer}-nobody") == []
    assert listed(transfers)[:4] == [back, *reversed(made)]
    assert listed(transfers, state="refunded")[0] == back
    assert _list(transfers, account=payer).json()["transfers"][0] == {
        name: value for name, value in get(transfers, back).items() if name != "settling"
    }


def test_the_list_continues_after_a_page(transfers: Api, payer: str, payee: str) -> None:
    made = [ended(transfers, request(transfers, payer, payee, amount))["transfer_id"] for amount in "123"]
    first = _list(transfers, account=payer, limit=2).json()
    second = _list(transfers, account=payer, limit=2, after=first["after"]).json()
    found = [each["transfer_id"] for each in (*first["transfers"], *second["transfers"])]
    assert (found, second["after"]) == ([*reversed(made)], None)


@pytest.mark.parametrize(
    ("params", "codes"),
    [
        ({"state": "lost"}, {"state": "not-an-option"}),
        ({"account": "a b", "state": "x"}, {"account": "invalid-account-id", "state": "not-an-option"}),
        ({"after": "x"}, {"after": "not-from-a-page"}),
        ({"in_state": "requested"}, {"in_state": "unknown-parameter"}),
    ],
)
def test_a_wrong_parameter_is_named(transfers: Api, params: dict[str, str], codes: dict[str, str]) -> None:
    assert codes_of(problem_of(_list(transfers, **params), 422, "invalid-input")) == codes
    assert _list(transfers, state="", account="").status_code == 200
