"""The log in the JSON API."""

import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


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


def test_other_streams_are_not_shown(api: Api) -> None:
    for stream in ("$user-admin", "$$account-1", "$all", "orders-1"):
        answer = api.http.get("/api/events", params={"stream": stream})
        assert codes_of(problem_of(answer, 422, "invalid-input")) == {"stream": "not-a-stream-of-accounts"}


@pytest.mark.parametrize("query", ["before=99999999999999999999", "stream=", "before=abc", "limit=0"])
def test_an_invalid_query_of_events_is_refused(api: Api, query: str) -> None:
    assert api.http.get(f"/api/events?{query}").status_code in (400, 422)
