"""Traces as pages and in the API, for correlation ids of any text."""

import re
from html import unescape
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from markupsafe import escape

from domain.vocabulary import VOCABULARY
from tests.kit.projector import until
from tests.kit.web import Api
from tests.web.kit import problem_of
from web import messages_on_traces as messages
from web.trace.view import address_of

PAGE = {"accept": "text/html"}
IDS = ["plain", "a/b?c#d", "/", "//", ".", "..", "a//b/", "a/../b", "%2F", "100%", "a&b=c", "a+b", "x" * 128]
IDS += [";:@!$'()*,", '<b/id="x">']


def deposit(api: Api, account: str, correlation_id: str, amount: str = "12.50") -> int:
    """Opens the account. Returns the position of the entry, which the read models have."""
    path, sent = f"/api/accounts/{account}/deposits", {"X-Correlation-ID": correlation_id}
    answer = api.http.post(path, json={"amount": amount}, headers=sent)
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    api.shown(account, position)
    led = api.http.get("/trace", params={"at": position})
    assert led.status_code == 303, "the index has the event too"
    return position


def steps_of(page: httpx.Response) -> list[str]:
    """The text of each event on the page."""
    assert page.status_code == 200, page.text
    parts = page.text.split('<div class="step">')[1:]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", part.partition("</li>")[0])).split()) for part in parts]


@pytest.mark.parametrize("given", IDS)
def test_an_entry_leads_to_the_page_of_its_trace_whatever_the_id(api: Api, name: str, given: str) -> None:
    position = deposit(api, name, given)
    led = api.http.get("/trace", params={"at": position}, headers=PAGE)
    assert (led.status_code, led.headers["location"]) == (303, address_of(given))
    page = api.http.get(led.headers["location"], headers=PAGE)
    assert any(f"Deposit to {name}" in step and "12.50 CZK" in step for step in steps_of(page))
    assert f"Correlation id <code><bdi>{escape(given)}</bdi></code>" in page.text
    looked_up = api.http.get("/trace", params={"id": given}, headers=PAGE, follow_redirects=True)
    assert len(steps_of(looked_up)) == len(steps_of(page))


def test_the_api_gives_the_same_events_with_their_children(api: Api, name: str) -> None:
    correlation_id, person = f"order/7?{name}", f"p-{uuid4().hex[:10]}"
    sent = {"X-Correlation-ID": correlation_id}
    api.post("/api/users", {"name": "Anna", "user_id": person})
    opening = {"account_id": name, "currency": "CZK", "user_id": person}
    opened = api.http.post("/api/accounts", json=opening, headers=sent)
    assert opened.status_code == 201
    closed = api.http.post(f"/api/accounts/{name}/close", headers=sent)
    address = f"/api/trace/{quote(correlation_id, safe='')}"
    found = api.http.get(address, params={"min_position": closed.json()["position"] + 1}).json()
    assert (found["correlation_id"], found["more"], found["after"]) == (correlation_id, 0, None)
    added, created, ended, removed = found["events"]
    assert [each["type"] for each in found["events"]] == [
        *("AccountAdded", "AccountCreated", "AccountClosed", "AccountRemoved")
    ]
    assert (added["children"], created["children"]) == ([created["id"]], [])
    assert (ended["children"], removed["children"]) == ([removed["id"]], [])
    assert created["metadata"]["$causationId"] == added["id"]
    listed = api.http.get("/api/events", params={"stream": f"account-{name}"}).json()["events"]
    assert {key: value for key, value in ended.items() if key != "children"} == listed[0]
    page = api.http.get(address.removeprefix("/api"), headers=PAGE)
    assert len(re.findall(r'<ol>\s*<li id="event', page.text)) == 3, "the whole, and two lists in it"
    assert f'href="/users/{person}"' in page.text
    assert f'href="/accounts/{name}"' in page.text
    assert page.text.count("<ol>") == page.text.count("</ol>")


def test_a_long_trace_is_continued(api: Api, name: str) -> None:
    correlation_id = f"many-{name}"
    for _ in range(3):
        deposit(api, name, correlation_id)
    first = api.http.get(f"/api/trace/{correlation_id}", params={"limit": 3}).json()
    assert (len(first["events"]), first["more"]) == (3, 1)
    rest = api.http.get(f"/api/trace/{correlation_id}", params={"after": first["after"]}).json()
    assert ([each["revision"] for each in rest["events"]], rest["more"], rest["after"]) == ([3], 0, None)
    page = api.http.get(f"/trace/{correlation_id}", params={"after": first["after"]}, headers=PAGE)
    assert len(steps_of(page)) == 1
    assert f'href="/trace/{correlation_id}"' in page.text


@pytest.mark.parametrize(
    "path", ["/trace/nobody", "/trace?at=1", "/trace?at=9223372036854775807", "/trace?id=no"]
)
def test_what_is_not_there_is_a_page_that_says_so(api: Api, path: str) -> None:
    answer = api.http.get(path, headers=PAGE, follow_redirects=True)
    assert answer.status_code == 404
    assert messages.UNKNOWN_TRACE.title in answer.text


def test_an_unknown_id_is_a_problem_in_the_api(api: Api) -> None:
    problem = problem_of(api.http.get("/api/trace/nobody%2Fx"), 404, "unknown-trace")
    assert problem["detail"] == messages.no_event_with("nobody/x")


@pytest.mark.parametrize(
    "path", ["/trace?at=x", "/trace?at=-1", "/trace?at=9223372036854775808", "/trace/x?after=x"]
)
def test_a_position_is_a_whole_number(api: Api, path: str) -> None:
    assert api.http.get(path, headers=PAGE).status_code == 400


@pytest.mark.parametrize("path", ["/trace?by=x", "/trace/x?by=x", "/api/trace/x?by=x"])
def test_unknown_parameters_are_refused(api: Api, path: str) -> None:
    assert api.http.get(path).status_code == 422


def test_without_an_id_the_page_asks_for_one(api: Api) -> None:
    answer = api.http.get("/trace", headers=PAGE)
    assert answer.status_code == 200
    assert 'name="id"' in answer.text


def test_history_and_feed_lead_to_the_trace_of_each_entry(api: Api, name: str) -> None:
    position = deposit(api, name, f"led-{name}")
    link = f'<a class="when" href="/trace?at={position}" title='
    for path in (f"/accounts/{name}", "/"):
        until(lambda path=path: link in api.http.get(path, headers=PAGE).text)  # type: ignore[misc]


def test_the_entries_of_a_person_lead_to_their_traces(api: Api, name: str) -> None:
    person = api.post("/api/users", {"name": "Anna"}).json()["user_id"]
    api.post("/api/accounts", {"account_id": name, "currency": "CZK", "user_id": person})
    position = deposit(api, name, f"led-{name}")
    until(lambda: f'href="/trace?at={position}"' in api.http.get(f"/users/{person}", headers=PAGE).text)


def test_every_event_of_the_vocabulary_has_words() -> None:
    assert [each.name for each in VOCABULARY if each.name not in messages.IN_A_TRACE] == []
