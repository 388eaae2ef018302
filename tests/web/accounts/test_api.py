"""Accounts in the JSON API: opening them, booking on them, reading them."""

from uuid import uuid4

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


def test_an_account_is_opened_with_the_id_that_is_asked_for(api: Api, name: str) -> None:
    assert api.post("/api/users", {"name": "Jana", "user_id": name}).status_code == 201
    answer = api.post("/api/accounts", {"currency": "EUR", "account_id": name, "user_id": name})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/accounts/{name}"
    assert (answer.json()["account_id"], answer.json()["revision"]) == (name, 0)
    shown = api.shown(name, answer.json()["position"])
    assert (shown["balance"], shown["currency"], shown["state"], shown["user_id"]) == (
        "0.00",
        "EUR",
        "open",
        name,
    )


def test_an_account_without_an_id_gets_one_that_its_key_decides(api: Api) -> None:
    key = str(uuid4())
    first, again = (api.post("/api/accounts", {"currency": "CZK"}, key) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json()["account_id"] == again.json()["account_id"]


def test_an_account_that_exists_is_not_opened_again(api: Api, name: str) -> None:
    api.deposit(name, "1.00")
    answer = api.post("/api/accounts", {"currency": "CZK", "account_id": name})
    problem_of(answer, 409, "account-exists")


def test_a_deposit_to_an_account_that_does_not_exist_opens_it(api: Api, name: str) -> None:
    booked = api.deposit(name, "1250.50", note="cash at counter", value_date="2026-02-01")
    assert booked["balance"] == "1250.50"
    shown = api.shown(name, booked["position"])
    assert shown["balance"] == "1250.50"
    assert shown["revision"] == booked["revision"] == 1


def test_a_withdrawal_beyond_the_balance_is_refused(api: Api, name: str) -> None:
    api.deposit(name, "100.00")
    answer = api.post(f"/api/accounts/{name}/withdrawals", {"amount": "100.01"})
    problem_of(answer, 409, "insufficient-funds")
    taken = api.post(f"/api/accounts/{name}/withdrawals", {"amount": "100"})
    assert (taken.status_code, taken.json()["balance"]) == (201, "0.00")


def test_a_withdrawal_from_an_account_that_does_not_exist_is_refused(api: Api, name: str) -> None:
    problem_of(api.post(f"/api/accounts/{name}/withdrawals", {"amount": "1"}), 404, "unknown-account")
    problem_of(api.http.get(f"/api/accounts/{name}"), 404, "unknown-account")
    problem_of(api.http.get(f"/api/accounts/{name}/history"), 404, "unknown-account")


def test_history_is_newest_first_with_the_running_balance_and_pages_by_position(api: Api, name: str) -> None:
    for amount in ("10", "20", "30"):
        booked = api.deposit(name, amount)
    api.shown(name, booked["position"])
    path = f"/api/accounts/{name}/history"
    page = api.http.get(path, params={"limit": 2}).json()
    assert [entry["balance"] for entry in page["entries"]] == ["60.00", "30.00"]
    rest = api.http.get(path, params={"limit": 2, "before": page["before"]}).json()
    assert [entry["balance"] for entry in rest["entries"]] == ["10.00"]
    assert rest["before"] is None


def test_accounts_below_a_balance_are_listed_lowest_first(api: Api, name: str) -> None:
    for number, amount in enumerate(("30", "10", "20", "40")):
        booked = api.deposit(f"{name}-{number}", amount, currency="BHD")
    api.shown(f"{name}-3", booked["position"])
    query = {"balance_below": "40.000", "currency": "BHD", "q": name, "limit": "2"}
    page = api.http.get("/api/accounts", params=query).json()
    assert [row["balance"] for row in page["accounts"]] == ["10.000", "20.000"]
    rest = api.http.get("/api/accounts", params={**query, "after": page["after"]}).json()
    assert [row["balance"] for row in rest["accounts"]] == ["30.000"]
    assert rest["after"] is None


def test_a_cursor_that_does_not_come_from_a_page_is_refused(api: Api) -> None:
    answer = api.http.get("/api/accounts", params={"after": "x'"})
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"after": "not-from-a-page"}
