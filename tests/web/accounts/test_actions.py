"""The pages of actions on an account, as a browser without JavaScript uses them."""

import re
from collections.abc import Iterator

import httpx
import pytest

from domain.messages import account_is_closed, account_is_frozen, insufficient_funds
from tests.kit.web import Api, Served
from tests.web.accounts.test_forms import Visitor
from web import messages_on_accounts as messages

FORM, ENTRY_FORM = 'id="action-form"', 'id="entry-form"'


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    made = Visitor(site.url)
    yield made
    made.http.close()


@pytest.fixture
def account(api: Api, name: str) -> str:
    """With 100.00."""
    api.booked(f"{name}/deposits", amount="100", reference="INV-1")
    return name


def sent(visitor: Visitor, path: str, **typed: str) -> httpx.Response:
    """The form of a page, filled in and sent to the page's own address."""
    return visitor.send(path, visitor.form(path, "action-form") | typed)


def done(visitor: Visitor, account: str, path: str, **typed: str) -> str:
    """The account's page afterwards."""
    answer = sent(visitor, f"/accounts/{account}/{path}", **typed)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"/accounts/{account}?booked=")
    page = visitor.http.get(answer.headers["location"]).text
    assert "booked as #" in page
    return page


def test_a_page_opens_its_account_only_when_it_is_asked(visitor: Visitor, api: Api, name: str) -> None:
    path = f"/accounts/{name}"
    fields = visitor.form(path, "action-form")
    assert fields["currency"] == "CZK"
    assert api.post("/api/users", {"name": "Jana", "user_id": name}).status_code == 201
    unknown = visitor.send(f"{path}/open", fields | {"user_id": f"{name}-nobody"})
    assert (unknown.status_code, FORM in unknown.text) == (404, True)
    answer = visitor.send(f"{path}/open", fields | {"currency": "eur", "user_id": name})
    page = visitor.http.get(answer.headers["location"]).text
    assert ENTRY_FORM in page
    assert f'href="/users/{name}"' in page
    found = api.http.get(f"/api{path}").json()
    assert (found["currency"], found["user_id"], found["balance"]) == ("EUR", name, "0.00")
    again = visitor.send(f"{path}/open", visitor.form(f"/accounts/{name}-2", "action-form"))
    assert again.status_code == 409
    assert visitor.http.get(f"{path}/open").headers["location"] == path


def test_a_hold_is_placed_and_captured_in_part(visitor: Visitor, api: Api, account: str) -> None:
    page = done(visitor, account, "holds", amount="60", expires="2099-01-01T10:30")
    assert "2099-01-01 10:30" in page
    (hold,) = api.http.get(f"/api/accounts/{account}/holds").json()["holds"]
    assert hold["expires"] == "2099-01-01T10:30:00Z"
    path = f"holds/{hold['hold_id']}/capture"
    shown = visitor.http.get(f"/accounts/{account}/{path}").text
    assert messages.capture_of_all("\u221260.00 CZK", "40.00 CZK", "40.00 CZK") in shown
    page = done(visitor, account, path, amount="20")
    assert "Captured hold" in page
    assert 'class="holds"' not in page
    assert api.http.get(f"/api/accounts/{account}").json()["balance"] == "80.00"


def test_a_hold_is_released(visitor: Visitor, api: Api, account: str) -> None:
    hold_id = api.booked(f"{account}/holds", amount="60")["hold_id"]
    page = visitor.http.get(f"/accounts/{account}").text
    assert f'href="/accounts/{account}/holds/{hold_id}/release"' in page
    assert '<dd class="available"><data value="40.00">' in page
    page = done(visitor, account, f"holds/{hold_id}/release")
    assert hold_id not in page
    assert "available" not in page


def test_a_frozen_account_says_so_and_offers_only_what_is_possible(
    visitor: Visitor, api: Api, account: str
) -> None:
    api.booked(f"{account}/holds", amount="1")
    page = done(visitor, account, "freeze")
    assert "This account is frozen." in page
    assert ENTRY_FORM not in page
    assert offers(page) == {"overdraft", "unfreeze", "release"}
    for path in ("holds", "freeze", "close"):
        refused = visitor.http.get(f"/accounts/{account}/{path}")
        assert (refused.status_code, FORM in refused.text) == (409, False)
    assert account_is_frozen(account) in visitor.http.get(f"/accounts/{account}/holds").text
    page = done(visitor, account, "unfreeze")
    assert ENTRY_FORM in page
    basic = {"transfer", "holds", "overdraft", "freeze", "close"}
    assert offers(page) == basic | {"capture", "release", "reversal"}


def offers(page: str) -> set[str]:
    """The last part of the address of each action."""
    main = page.partition("<main")[2].partition("</main>")[0]
    links = [part.partition('"')[0] for part in main.split('href="/accounts/')[1:]]
    others = re.compile(r"[^/]+(/history\.\w+|/entries/[^/]+)?")
    return {link.rpartition("/")[2] for link in links if not others.fullmatch(link)}


def test_a_closed_account_offers_nothing_and_says_why(visitor: Visitor, api: Api, account: str) -> None:
    refused = visitor.http.get(f"/accounts/{account}/close")
    assert (refused.status_code, FORM in refused.text) == (409, False)
    api.booked(f"{account}/withdrawals", amount="100")
    page = done(visitor, account, "close")
    assert "This account is closed." in page
    assert ENTRY_FORM not in page
    assert offers(page) == set()
    assert account_is_closed(account) in visitor.http.get(f"/accounts/{account}/overdraft").text


def test_an_overdraft_limit_is_set(visitor: Visitor, account: str) -> None:
    page = done(visitor, account, "overdraft", limit="1 500.50")
    assert "Overdraft limit" in page
    assert 'value="1500.50"' in page


def test_a_refused_form_keeps_what_was_typed_and_says_why(visitor: Visitor, account: str) -> None:
    path = f"/accounts/{account}/holds"
    fields = visitor.form(path, "action-form")
    wrong = visitor.send(path, fields | {"amount": "1,500", "expires": "2020-01-01T00:00"})
    assert wrong.status_code == 422
    assert 'id="amount-error"' in wrong.text
    assert 'value="2020-01-01T00:00"' in wrong.text
    assert fields["key"] in wrong.text
    refused = visitor.send(path, fields | {"amount": "100.01"})
    assert refused.status_code == 409
    assert insufficient_funds(account, "100.00", "CZK", "100.01", "100.00", "0.00", "0.00") in refused.text


def test_a_form_that_is_sent_twice_books_once(visitor: Visitor, api: Api, account: str) -> None:
    path = f"/accounts/{account}/holds"
    fields = visitor.form(path, "action-form") | {"amount": "10"}
    first, again = (visitor.send(path, fields) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    position = int(first.headers["location"].partition("booked=")[2])
    assert api.shown(account, position)["held"] == "10.00"


def test_a_form_without_its_token_does_nothing(visitor: Visitor, api: Api, account: str) -> None:
    fields = visitor.form(f"/accounts/{account}/freeze", "action-form")
    del fields["_csrf_token"]
    assert visitor.send(f"/accounts/{account}/freeze", fields).status_code == 403
    assert api.http.get(f"/api/accounts/{account}").json()["state"] == "open"


@pytest.mark.parametrize("path", ["freeze", "holds", "holds/x/capture"])
def test_what_does_not_exist_has_no_form(visitor: Visitor, name: str, account: str, path: str) -> None:
    nobody = visitor.http.get(f"/accounts/{name}-other/{path}")
    assert nobody.status_code == (422 if "/x/" in path else 404)
    assert FORM not in nobody.text
