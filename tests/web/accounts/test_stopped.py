"""A stopped account says so: on its page, in the list, in JSON, to commands and in the readiness of the process."""

from typing import Any

import httpx
import pytest

from tests.kit.projector import until
from tests.kit.web import Api, Served
from tests.web.accounts.test_forms import HTMX, Visitor
from tests.web.kit import problem_of

HTML = {"accept": "text/html"}
FORM, NOTICE, CHIP = 'id="entry-form"', 'class="panel stopped"', 'class="chip stopped"'


@pytest.fixture
def stopped(site: Served, api: Api, name: str) -> str:
    """An account with 50.00 and then an event that cannot be read."""
    api.shown(name, api.deposit(name, "50.00")["position"])
    site.scribble(name)
    until(lambda: "stopped" in shown(api, name))
    return name


def shown(api: Api, account: str) -> dict[str, Any]:
    return dict(api.http.get(f"/api/accounts/{account}").json())


def html(api: Api, path: str, **params: str) -> str:
    return api.http.get(path, params=params, headers=HTML).text


def test_json_has_the_last_state_with_the_revision_and_the_reason(api: Api, stopped: str) -> None:
    found = shown(api, stopped)
    assert (found["balance"], found["revision"], found["stopped"]["revision"]) == ("50.00", 1, 2)
    assert f"account-{stopped}" in found["stopped"]["reason"]
    (row,) = api.http.get("/api/accounts", params={"q": stopped}).json()["accounts"]
    assert row["stopped"] == found["stopped"]


def test_an_account_that_is_not_stopped_does_not_say_so(api: Api, name: str) -> None:
    assert "stopped" not in api.shown(name, api.deposit(name, "1")["position"])


@pytest.mark.parametrize("path", ["deposits", "withdrawals"])
def test_commands_are_refused_by_a_problem_of_its_own(api: Api, stopped: str, path: str) -> None:
    answer = api.post(f"/api/accounts/{stopped}/{path}", {"amount": "1.00"})
    problem = problem_of(answer, 409, "account-stopped")
    assert shown(api, stopped)["stopped"]["reason"] in problem["detail"]
    assert api.http.get(problem["type"], headers=HTML).status_code == 200


def test_its_id_is_taken(api: Api, stopped: str) -> None:
    answer = api.post("/api/accounts", {"currency": "CZK", "account_id": stopped})
    problem_of(answer, 409, "account-stopped")


def test_an_account_of_which_nothing_counts_is_stopped_and_not_missing(
    site: Served, api: Api, name: str
) -> None:
    site.scribble(name)
    until(lambda: api.http.get(f"/api/accounts/{name}").json().get("type", "").endswith("account-stopped"))
    problem_of(api.http.get(f"/api/accounts/{name}"), 409, "account-stopped")
    problem_of(api.http.get(f"/api/accounts/{name}/history"), 409, "account-stopped")
    page = html(api, f"/accounts/{name}")
    assert NOTICE in page
    assert FORM not in page


def test_its_page_has_a_notice_in_place_of_the_form(api: Api, stopped: str, name: str) -> None:
    page = html(api, f"/accounts/{stopped}")
    assert NOTICE in page
    assert CHIP in page
    assert FORM not in page
    assert 'value="50.00"' in page
    api.open(f"other-{name}")
    other = html(api, f"/accounts/other-{name}")
    assert FORM in other
    assert NOTICE not in other


def test_its_row_has_a_chip(api: Api, stopped: str) -> None:
    assert CHIP in html(api, "/", q=stopped)


def test_the_form_of_a_page_that_was_open_before_is_answered(site: Served, api: Api, name: str) -> None:
    visitor = Visitor(site.url)
    api.shown(name, api.deposit(name, "50.00")["position"])
    fields = visitor.form(f"/accounts/{name}") | {"amount": "1.00", "kind": "deposit"}
    site.scribble(name)
    until(lambda: "stopped" in shown(api, name))
    reason = shown(api, name)["stopped"]["reason"]
    fragment = visitor.send(f"/accounts/{name}/entries", fields, HTMX)
    assert (fragment.status_code, FORM in fragment.text, reason in fragment.text) == (409, True, True)
    page = visitor.send(f"/accounts/{name}/entries", fields)
    assert (page.status_code, FORM in page.text, NOTICE in page.text) == (409, False, True)
    visitor.http.close()


def test_readiness_stays_and_warns(api: Api, site: Served, stopped: str) -> None:
    answer = httpx.get(f"{site.url}/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok"), answer.text
    assert any(f"account-{stopped}" in warning for warning in answer.json()["warnings"])


def test_the_others_go_on(api: Api, stopped: str, name: str) -> None:
    booked = api.deposit(f"other-{name}", "1.00")
    assert api.shown(f"other-{name}", booked["position"])["balance"] == "1.00"
