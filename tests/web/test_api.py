"""The JSON API."""

from typing import Any
from uuid import uuid4

import pytest

from tests.kit.web import Api


def problem_of(answer: Any, status: int, name: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"].endswith(f"/{name}")
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_an_account_is_opened_with_the_id_that_is_asked_for(api: Api, name: str) -> None:
    answer = api.post("/api/accounts", {"currency": "EUR", "account_id": name, "user_id": "jana"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/accounts/{name}"
    assert (answer.json()["account_id"], answer.json()["revision"]) == (name, 0)
    shown = api.shown(name, answer.json()["position"])
    assert (shown["balance"], shown["currency"], shown["state"], shown["user_id"]) == (
        "0.00",
        "EUR",
        "open",
        "jana",
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


def test_a_withdrawal_takes_no_more_than_there_is(api: Api, name: str) -> None:
    api.deposit(name, "100.00")
    answer = api.post(f"/api/accounts/{name}/withdrawals", {"amount": "100.01"})
    problem = problem_of(answer, 409, "insufficient-funds")
    assert "100.00" in problem["detail"]
    taken = api.post(f"/api/accounts/{name}/withdrawals", {"amount": "100"})
    assert (taken.status_code, taken.json()["balance"]) == (201, "0.00")


def test_a_withdrawal_from_an_account_that_does_not_exist_is_refused(api: Api, name: str) -> None:
    problem_of(api.post(f"/api/accounts/{name}/withdrawals", {"amount": "1"}), 404, "unknown-account")
    problem_of(api.http.get(f"/api/accounts/{name}"), 404, "unknown-account")
    problem_of(api.http.get(f"/api/accounts/{name}/history"), 404, "unknown-account")


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


def test_a_key_is_made_where_none_is_sent(api: Api, name: str) -> None:
    answer = api.http.post(f"/api/accounts/{name}/deposits", json={"amount": "5"})
    again = api.post(f"/api/accounts/{name}/deposits", {"amount": "5"}, answer.headers["idempotency-key"])
    assert again.json() == answer.json()


def test_a_key_that_is_no_uuid_is_refused(api: Api, name: str) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": "5"}, "monday")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_every_bad_field_is_named(api: Api, name: str) -> None:
    body = {"amount": 12.5, "value_date": "tomorrow", "note": "a\nb", "currency": "EURO", "colour": "red"}
    problem = problem_of(api.post(f"/api/accounts/{name}/deposits", body), 422, "invalid-input")
    assert {error["field"] for error in problem["errors"]} == set(body)
    assert all(error["detail"] for error in problem["errors"])


@pytest.mark.parametrize(
    "amount", [1, 1.5, True, None, [], {}, "", "0", "-1", "1e3", "1.001", "9" * 17, "1,5", "NaN"]
)
def test_an_amount_is_a_decimal_string_above_zero(api: Api, name: str, amount: object) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": amount})
    problem = problem_of(answer, 422, "invalid-input")
    assert [error["field"] for error in problem["errors"]] == ["amount"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"\xff{}", b"null", b"[" * 5000])
def test_a_body_that_is_no_json_object_is_refused(api: Api, name: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = api.http.post(f"/api/accounts/{name}/deposits", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_json_is_taken(api: Api, name: str) -> None:
    answer = api.http.post(f"/api/accounts/{name}/deposits", data={"amount": "5"})
    assert answer.status_code == 415


@pytest.mark.parametrize("bad", ["-x", "a b", "x" * 65, "ä", "a'b"])
def test_an_account_id_that_none_can_have_is_refused(api: Api, bad: str) -> None:
    problem = problem_of(api.http.get(f"/api/accounts/{bad}"), 422, "invalid-input")
    assert problem["errors"][0]["field"] == "account_id"


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


def test_a_cursor_that_no_page_gave_is_refused(api: Api) -> None:
    problem_of(api.http.get("/api/accounts", params={"after": "x'"}), 422, "invalid-input")


def test_bad_query_parameters_are_named(api: Api) -> None:
    for query in ({"limit": "0"}, {"limit": "many"}, {"limit": "501"}):
        answer = api.http.get("/api/accounts", params=query)
        assert answer.status_code == 400
        assert "limit" in answer.json()["detail"]


def test_the_log_is_read_newest_first_and_by_stream(api: Api, name: str) -> None:
    booked = api.deposit(name, "5", note="log")
    page = api.http.get("/api/events", params={"stream": f"account-{name}"}).json()
    assert [event["type"] for event in page["events"]] == ["MoneyDeposited", "AccountCreated"]
    assert page["events"][0]["position"] == booked["position"]
    assert page["events"][0]["data"]["note"] == "log"
    assert page["events"][0]["metadata"]["actor"] == "api"
    newest = api.http.get("/api/events", params={"limit": 1}).json()
    older = api.http.get("/api/events", params={"limit": 1, "before": newest["before"]}).json()
    assert older["events"][0]["position"] < newest["events"][0]["position"]


def test_each_projection_tells_where_it_is(api: Api, name: str) -> None:
    booked = api.deposit(name, "5")
    api.shown(name, booked["position"])
    found = api.http.get("/api/projections").json()
    assert found["position"] >= booked["position"]
    assert {one["name"] for one in found["projections"]} == {"balances", "history", "feed"}
    assert all(one["state"] == "live" for one in found["projections"])


def test_the_schema_describes_every_route_and_its_body(api: Api) -> None:
    schema = api.http.get("/api/schema", headers={"accept": "application/json"}).json()
    assert schema["openapi"].startswith("3.")
    deposits = schema["paths"]["/api/accounts/{account_id}/deposits"]["post"]
    body = deposits["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["amount"]
    assert body["properties"]["amount"]["type"] == "string"
    assert any(parameter["name"] == "Idempotency-Key" for parameter in deposits["parameters"])
    page = api.http.get("/api/schema", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert all(path in page.text for path in schema["paths"])


def test_what_is_not_there_is_a_problem_in_json(api: Api) -> None:
    for path, method, status in (("/api/nope", "GET", 404), ("/api/accounts", "DELETE", 405)):
        answer = api.http.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_problems_type_leads_to_a_page_about_it(api: Api, name: str) -> None:
    problem = api.post(f"/api/accounts/{name}/withdrawals", {"amount": "1"}).json()
    page = api.http.get(problem["type"], headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "No such account" in page.text


def test_streams_of_others_are_not_shown(api: Api) -> None:
    for stream in ("$user-admin", "$$account-1", "$all", "orders-1"):
        assert api.http.get("/api/events", params={"stream": stream}).status_code == 422


@pytest.mark.parametrize("query", ["before=99999999999999999999", "stream=", "before=abc", "limit=0"])
def test_a_question_about_events_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert api.http.get(f"/api/events?{query}").status_code in (400, 422)


@pytest.mark.parametrize("day", ["20260101", "2026-W01-1", "2026-02-30"])
def test_a_day_has_one_form(api: Api, name: str, day: str) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": "1", "value_date": day})
    assert answer.status_code == 422


@pytest.mark.parametrize("note", ["Rent\u00a0May", "family 👨\u200d👩\u200d👧"])
def test_a_note_may_hold_what_people_paste(api: Api, name: str, note: str) -> None:
    assert api.deposit(name, "1", note=note)["balance"] == "1.00"


def test_a_parameter_that_a_route_does_not_have_is_refused_by_name(api: Api) -> None:
    answer = api.http.get("/api/events", params={"type": "MoneyDeposited", "limit": 1})
    assert [wrong["field"] for wrong in problem_of(answer, 422, "invalid-input")["errors"]] == ["type"]
