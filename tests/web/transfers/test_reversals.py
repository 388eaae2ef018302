"""The reversal of an entry in the API: of one of a transfer, the whole transfer is reversed."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.kit.projector import until
from tests.kit.web import Api
from tests.web.kit import problem_of


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


def history(api: Api, account: str) -> list[dict[str, Any]]:
    return list(api.http.get(f"/api/accounts/{account}/history").json()["entries"])


def balances(api: Api, *accounts: str) -> list[str]:
    return [api.http.get(f"/api/accounts/{each}").json()["balance"] for each in accounts]


def transferred(api: Api, payer: str, payee: str, amount: str = "30") -> str:
    """The id of a transfer whose money has arrived."""
    answer = api.post("/api/transfers", {"from": payer, "to": payee, "amount": amount})
    assert answer.status_code == 202, answer.text
    transfer_id = str(answer.json()["transfer_id"])
    until(lambda: history(api, payee)[0]["transfer_id"] == transfer_id)
    return transfer_id


def leg_of(api: Api, account: str) -> str:
    """The id of its newest entry of a transfer."""
    return next(str(each["entry_id"]) for each in history(api, account) if each["transfer_id"])


def reverse(
    api: Api, account: str, entry_id: str, *, key: str = "", query: str = "", if_match: str = ""
) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid4())} | ({"If-Match": if_match} if if_match else {})
    return api.http.post(f"/api/accounts/{account}/entries/{entry_id}/reversal{query}", headers=headers)


def test_the_entries_of_a_transfer_name_it_and_the_other_account(
    transfers: Api, payer: str, payee: str
) -> None:
    transfer_id = transferred(transfers, payer, payee)
    (debit, deposit), credit = history(transfers, payer), history(transfers, payee)[0]
    assert (debit["type"], debit["amount"], debit["other_account"]) == ("MoneySent", "-30.00", payee)
    assert (credit["type"], credit["amount"], credit["other_account"]) == ("MoneyReceived", "30.00", payer)
    assert debit["transfer_id"] == credit["transfer_id"] == transfer_id
    assert (deposit["transfer_id"], deposit["other_account"]) == (None, None)


@pytest.mark.parametrize("side", ["payer", "payee"])
def test_the_reversal_of_either_entry_reverses_the_transfer(
    transfers: Api, payer: str, payee: str, side: str
) -> None:
    first = transferred(transfers, payer, payee)
    account, key = {"payer": payer, "payee": payee}[side], str(uuid4())
    entry_id = history(transfers, account)[0]["entry_id"]
    tried = reverse(transfers, account, entry_id, key=key, query="?dry_run=1")
    assert (tried.status_code, tried.json()["dry_run"]) == (200, True)
    answer = reverse(transfers, account, entry_id, key=key)
    assert answer.status_code == 202
    found = answer.json()
    assert set(found) == {"transfer_id", "state", "position"}
    assert found["transfer_id"] == tried.json()["transfer_id"] != first
    assert answer.headers["location"] == f"/api/transfers/{found['transfer_id']}"
    until(lambda: balances(transfers, payer, payee) == ["100.00", "1.00"])
    again = reverse(transfers, account, entry_id, key=key)
    assert (again.status_code, again.json()) == (202, found)
    assert again.headers["idempotent-replayed"] == "true"
    for each in (payer, payee):
        entry = history(transfers, each)[1]["entry_id"]
        problem = problem_of(reverse(transfers, each, entry), 409, "transfer-reversed")
        assert found["transfer_id"] in problem["detail"]


def test_a_reversal_needs_money_in_the_account_that_was_paid(transfers: Api, payer: str, payee: str) -> None:
    transferred(transfers, payer, payee)
    transfers.booked(f"{payee}/withdrawals", amount="2")
    entry_id = history(transfers, payer)[0]["entry_id"]
    problem_of(reverse(transfers, payer, entry_id), 409, "insufficient-funds")


def test_a_transfer_that_was_refunded_is_not_reversed(transfers: Api, payer: str, payee: str) -> None:
    transfers.booked(f"{payee}/freeze")
    transfers.post("/api/transfers", {"from": payer, "to": payee, "amount": "30"})
    until(lambda: history(transfers, payer)[0]["type"] == "MoneyReturned")
    returned, sent, _ = (each["entry_id"] for each in history(transfers, payer))
    until(lambda: "refunded" in reverse(transfers, payer, sent).text)
    for entry_id in (returned, sent):
        problem_of(reverse(transfers, payer, entry_id), 409, "transfer-not-completed")


def test_if_match_is_about_the_account_in_the_address(transfers: Api, payer: str, payee: str) -> None:
    transferred(transfers, payer, payee)
    transfers.booked(f"{payee}/deposits", amount="1")
    for account, revision in ((payer, 2), (payee, 3)):
        wrong = reverse(transfers, account, leg_of(transfers, account), if_match='"1"')
        problem_of(wrong, 412, "revision-mismatch")
        assert wrong.headers["etag"] == f'"{revision}"'
    assert reverse(transfers, payer, leg_of(transfers, payer), if_match='"2"').status_code == 202


def test_another_entry_is_reversed_at_once(transfers: Api, payer: str) -> None:
    entry_id = history(transfers, payer)[0]["entry_id"]
    answer = reverse(transfers, payer, entry_id)
    assert (answer.status_code, answer.json()["balance"]) == (201, "0.00")
    assert answer.headers["location"] == f"/api/accounts/{payer}"
    problem_of(reverse(transfers, payer, entry_id), 409, "entry-reversed")
    problem_of(reverse(transfers, payer, str(uuid4())), 404, "unknown-entry")
    problem_of(reverse(transfers, payer, "x"), 422, "invalid-input")
