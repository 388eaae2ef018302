"""The pages of people, as a browser without JavaScript uses them."""

import re
from collections.abc import Iterator
from html import unescape
from uuid import uuid4

import pytest
from markupsafe import escape

from domain.messages import account_already_exists
from domain.users import messages as on_users
from tests.kit.web import Api, Served
from tests.web.accounts.test_forms import Visitor, fields_of
from web import messages_on_people


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    made = Visitor(site.url)
    yield made
    made.http.close()


def fields(visitor: Visitor, path: str, action: str) -> dict[str, str]:
    """The hidden fields of the form on page `path` that is sent to `action`."""
    html = visitor.http.get(path).text
    form = html[
        html.index(f'action="{action}">' if "deletion" in action else f'method="post" action="{action}"') :
    ]
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.partition("</form>")[0])
    return {name: unescape(value) for name, value in inputs}


def create(visitor: Visitor, person: str, **more: str) -> str:
    """The address of the new person's page."""
    form = fields(visitor, "/users", "/users")
    answer = visitor.send("/users", form | {"name": person, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_person_is_created_shown_and_found(visitor: Visitor) -> None:
    word = f"X{uuid4().hex[:8]}"
    shown = visitor.http.get(create(visitor, f"Anna {word}", email="a@b.cz", phone="112"))
    assert shown.status_code == 200
    for text in (f"Anna {word}", "a@b.cz", "112", "saved as #"):
        assert text in shown.text
    found = visitor.http.get("/users", params={"q": word.lower()[:6]})
    assert f"Anna {word}" in found.text
    assert word not in visitor.http.get("/users", params={"q": "nobody-at-all"}).text


def test_a_form_sent_twice_creates_one_person(visitor: Visitor) -> None:
    form = fields(visitor, "/users", "/users") | {"name": "Anna"}
    first, again = (visitor.send("/users", form).headers["location"] for _ in range(2))
    assert first == again


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(visitor: Visitor) -> None:
    form = fields(visitor, "/users", "/users") | {"name": "Anna", "email": "nothing"}
    answer = visitor.send("/users", form)
    assert answer.status_code == 422
    assert str(escape(on_users.not_an_email(254))) in answer.text
    assert 'value="nothing"' in answer.text
    assert form["key"] in answer.text


def test_data_is_changed_and_cleared(visitor: Visitor, name: str) -> None:
    create(visitor, "Anna", email="a@b.cz", user_id=name)
    form = fields(visitor, f"/users/{name}", f"/users/{name}")
    answer = visitor.send(f"/users/{name}", form | {"name": "Eva", "email": "", "phone": "150"})
    page = visitor.http.get(answer.headers["location"]).text
    assert "Eva" in page
    assert "150" in page
    assert "a@b.cz" not in page


def test_a_deletion_asks_for_confirmation_and_then_leads_to_the_list(visitor: Visitor, name: str) -> None:
    person = f"Anna {uuid4().hex}"
    create(visitor, person, user_id=name)
    form = fields(visitor, f"/users/{name}", f"/users/{name}/deletion")
    unsure = visitor.send(f"/users/{name}/deletion", form)
    assert unsure.status_code == 422
    assert messages_on_people.CONFIRM in unsure.text
    answer = visitor.send(f"/users/{name}/deletion", form | {"confirmed": "yes"})
    page = visitor.http.get(answer.headers["location"]).text
    assert str(escape(messages_on_people.DELETED)) in page
    assert person not in page
    assert visitor.http.get(f"/users/{name}").status_code == 404


def test_the_page_shows_accounts_and_entries_and_the_account_names_its_holder(
    visitor: Visitor, api: Api, name: str
) -> None:
    person = f"Anna {uuid4().hex}"
    create(visitor, person, user_id=name)
    opened = api.post("/api/accounts", {"currency": "CZK", "user_id": name}).json()
    account = opened["account_id"]
    api.shown(account, api.deposit(account, "12.34", note="rent")["position"])
    page = visitor.http.get(f"/users/{name}").text
    for text in (account, 'value="12.34"', "rent"):
        assert text in page
    assert person in visitor.http.get(f"/accounts/{account}").text
    form = fields(visitor, f"/users/{name}", f"/users/{name}/deletion") | {"confirmed": "yes"}
    refused = visitor.send(f"/users/{name}/deletion", form)
    assert refused.status_code == 409
    assert on_users.has_open_accounts(name, [account], 0) in refused.text
    assert visitor.http.get(f"/users/{name}/deletion").headers["location"] == f"/users/{name}"


def test_an_account_is_opened_for_a_person_on_their_page(visitor: Visitor, api: Api, name: str) -> None:
    create(visitor, "Anna", user_id=name)
    form = fields_of(visitor.http.get(f"/users/{name}").text, "open")
    assert form["currency"] == "CZK"
    path, account = f"/users/{name}/accounts", f"{name}-1"
    first, again = (visitor.send(path, form | {"account_id": account, "currency": "eur"}) for _ in range(2))
    assert first.headers["location"].startswith(f"/accounts/{account}?booked=")
    assert first.headers["location"] == again.headers["location"]
    assert visitor.http.get(first.headers["location"]).status_code == 200
    shown = api.http.get(f"/api/accounts/{account}").json()
    assert (shown["user_id"], shown["currency"]) == (name, "EUR")
    chosen = visitor.send(path, fields_of(visitor.http.get(f"/users/{name}").text, "open"))
    assert chosen.status_code == 303
    assert visitor.http.get(path).headers["location"] == f"/users/{name}"


def test_an_account_that_cannot_be_opened_is_explained_in_the_form(
    visitor: Visitor, api: Api, name: str
) -> None:
    create(visitor, "Anna", user_id=name)
    api.open(f"{name}-1")
    form, path = fields_of(visitor.http.get(f"/users/{name}").text, "open"), f"/users/{name}/accounts"
    taken = visitor.send(path, form | {"account_id": f"{name}-1"})
    assert taken.status_code == 409
    assert account_already_exists(f"{name}-1") in taken.text
    wrong = visitor.send(path, form | {"account_id": "a b", "currency": "x"})
    assert wrong.status_code == 422
    assert 'id="account_id-error"' in wrong.text
    assert 'id="currency-error"' in wrong.text
    assert fields_of(wrong.text, "open")["account_id"] == "a b"
    assert visitor.send("/users/nobody/accounts", form).status_code == 404


def test_nobody_unknown_has_a_page(visitor: Visitor, name: str) -> None:
    assert visitor.http.get(f"/users/{name}").status_code == 404
    form = fields(visitor, "/users", "/users") | {"name": "Anna"}
    assert visitor.send(f"/users/{name}", form).status_code == 404
