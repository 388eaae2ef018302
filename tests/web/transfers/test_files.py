"""The files of each list: all of its rows, and the same ones as the API."""

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from tests.kit.projector import until
from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of

FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def person(transfers: Api) -> str:
    """Holds two accounts with 60 entries each; 1.00 went from one to the other."""
    user = f"p-{uuid4().hex[:8]}"
    assert (
        transfers.post(
            "/api/users", {"name": f"Žofie {user}", "user_id": user, "phone": "+420 1"}
        ).status_code
        == 201
    )
    for account in (f"{user}-a", f"{user}-b"):
        assert (
            transfers.post(
                "/api/accounts", {"account_id": account, "currency": "CZK", "user_id": user}
            ).status_code
            == 201
        )
        for _ in range(60):
            transfers.deposit(account, "2.50", note=FORMULA)
    sent = transfers.post("/api/transfers", {"from": f"{user}-a", "to": f"{user}-b", "amount": "1.00"})
    assert sent.status_code == 202, sent.text
    until(lambda: the_transfer(transfers, sent)["state"] == "completed")
    completed = the_transfer(transfers, sent)["position"]
    until(lambda: transfers.http.get("/api/projections").json()["position"] >= completed)
    return user


def the_transfer(api: Api, sent: Response) -> dict[str, Any]:
    found: dict[str, Any] = api.http.get(f"/api/transfers/{sent.json()['transfer_id']}").json()
    return found


def table(api: Api, path: str) -> list[dict[str, str]]:
    answer = api.http.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="daybook-')
    assert answer.text.count("\n") == answer.text.count("\r\n")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def document(api: Api, path: str, name: str) -> list[dict[str, Any]]:
    answer = api.http.get(path)
    assert answer.headers["content-type"] == "application/json"
    found: list[dict[str, Any]] = answer.json()[name]
    return found


def test_a_history_is_whole_and_the_same_as_in_the_api(transfers: Api, person: str) -> None:
    api_says = transfers.http.get(f"/api/accounts/{person}-b/history?limit=500").json()["entries"]
    rows = table(transfers, f"/accounts/{person}-b/history.csv")
    assert document(transfers, f"/accounts/{person}-b/history.json", "entries") == api_says
    assert [row["entry_id"] for row in rows] == [entry["entry_id"] for entry in api_says]
    assert len(rows) >= 60
    assert (rows[-1]["amount"], rows[-1]["balance"], rows[-1]["note"]) == ("2.50", "2.50", f"'{FORMULA}")
    assert list(rows[0]) == list(api_says[0])


def test_accounts_are_those_of_the_filters(transfers: Api, person: str) -> None:
    for query in (f"q={person}", f"q={person.upper()}", f"q=%C5%BDofie+{person}"):
        rows = table(transfers, f"/accounts.csv?{query}")
        assert {row["account_id"] for row in rows} == {f"{person}-a", f"{person}-b"}, query
    assert {row["user_id"] for row in rows} == {person}
    low = document(transfers, f"/accounts.json?balance_below=1000&q={person}", "accounts")
    assert [row["account_id"] for row in low] == [f"{person}-a", f"{person}-b"]
    assert document(transfers, f"/accounts.json?balance_below=1&q={person}", "accounts") == []
    assert len(table(transfers, f"/accounts.csv?currency=CZK&q={person}")) == 2
    assert table(transfers, f"/accounts.csv?currency=EUR&q={person}") == []


def test_each_filter_that_cannot_be_read_is_named(transfers: Api) -> None:
    answer = transfers.http.get("/accounts.csv?balance_below=much&currency=QQQ")
    codes = codes_of(problem_of(answer, 422, "invalid-input"))
    assert codes == {"balance_below": "invalid-amount", "currency": "unknown-currency"}


def test_all_accounts_are_listed_once(transfers: Api, person: str) -> None:
    rows = table(transfers, "/accounts.csv")
    assert len(rows) == len({row["account_id"] for row in rows}) >= 2


def test_people_and_their_entries(transfers: Api, person: str) -> None:
    (row,) = table(transfers, f"/users.csv?q={person}")
    assert (row["user_id"], row["phone"]) == (person, "'+420 1")
    assert row["accounts"].split() == [f"{person}-a", f"{person}-b"]
    entries = table(transfers, f"/users/{person}/entries.csv")
    api_says = transfers.http.get(f"/api/users/{person}/entries?limit=500").json()["entries"]
    assert [entry["entry_id"] for entry in entries] == [entry["entry_id"] for entry in api_says]
    assert document(transfers, f"/users/{person}/entries.json", "entries") == api_says


def test_transfers_of_an_account(transfers: Api, person: str) -> None:
    (row,) = table(transfers, f"/transfers.csv?account={person}-a")
    assert (row["from"], row["to"], row["amount"]) == (f"{person}-a", f"{person}-b", "1.00")
    (listed,) = document(transfers, f"/transfers.json?account={person}-a", "transfers")
    assert listed["transfer_id"] == row["transfer_id"]


def test_the_feed_has_the_newest_events_with_what_they_name(transfers: Api, person: str) -> None:
    rows = [row for row in table(transfers, "/feed.csv") if row["account_id"] == f"{person}-a"]
    (sent,) = [row for row in rows if row["type"] == "MoneySent"]
    assert (sent["user_id"], sent["other_account"], sent["amount"]) == (person, f"{person}-b", "-1.00")
    assert sent["entry_id"]
    assert sent["transfer_id"]
    assert len(document(transfers, "/feed.json", "events")) >= len(rows)


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/accounts.csv?limit=3", 422, "invalid-input"),
        ("/accounts.csv?balance_below=much", 422, "invalid-input"),
        ("/accounts/nobody/history.json", 404, "unknown-account"),
        ("/users/nobody/entries.csv", 404, "unknown-user"),
        ("/transfers.csv?state=lost", 422, "invalid-input"),
    ],
)
def test_what_cannot_be_listed_is_refused(transfers: Api, path: str, status: int, problem: str) -> None:
    problem_of(transfers.http.get(path), status, problem)


def test_pages_link_their_files_with_their_filters(transfers: Api, person: str) -> None:
    links = {
        f"/?q={person}": f"/accounts.csv?q={person}",
        f"/accounts/{person}-a": f"/accounts/{person}-a/history.csv",
        "/feed": "/feed.csv",
        f"/transfers?account={person}-a&state=": f"/transfers.csv?account={person}-a",
        f"/users?q={person}": f"/users.csv?q={person}",
        f"/users/{person}": f"/users/{person}/entries.csv",
    }
    for page, csv_file in links.items():
        text = transfers.http.get(page, headers={"accept": "text/html"}).text
        assert f'href="{csv_file}" download' in text, page
        assert f'href="{csv_file.replace(".csv", ".json")}" download' in text, page


def test_pages_link_what_they_name(transfers: Api, person: str) -> None:
    (sent,) = [
        row
        for row in table(transfers, "/feed.csv")
        if row["account_id"] == f"{person}-a" and row["other_account"]
    ]
    entry = f"/accounts/{person}-a/entries/{sent['entry_id']}"
    named = (entry, f"/transfers/{sent['transfer_id']}", f"/accounts/{person}-b")
    for page, links in {
        "/feed": (*named, f"/users/{person}"),
        f"/accounts/{person}-a": (*named, f"/users/{person}"),
        f"/users/{person}": named,
    }.items():
        text = transfers.http.get(page, headers={"accept": "text/html"}).text
        for link in links:
            assert f'href="{link}"' in text, (page, link)
    assert (
        f'href="/users/{person}"' in transfers.http.get(f"/?q={person}", headers={"accept": "text/html"}).text
    )
