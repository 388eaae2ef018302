"""Forms, as a browser without JavaScript sends them, and as htmx sends them."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from uuid import uuid4

import httpx
import pytest
from markupsafe import escape

from domain.messages import account_already_exists, insufficient_funds
from tests.kit.web import Api, Served
from web import messages, messages_on_accounts
from web import messages_on_input as on_input

HTMX = {"HX-Request": "true"}


class Visitor:
    """Keeps cookies, reads forms, sends them."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False, headers={"accept": "text/html"})

    def form(self, path: str, form_id: str = "entry-form") -> dict[str, str]:
        page = self.http.get(path)
        assert page.status_code == 200, page.text
        return fields_of(page.text, form_id)

    def send(
        self, action: str, fields: dict[str, str], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return self.http.post(action, data=fields, headers=headers)


def fields_of(html: str, form_id: str = "entry-form") -> dict[str, str]:
    form = html[html.index(f'id="{form_id}"') :].partition("</form>")[0]
    inputs = re.findall(r"<input\b[^>]*>", form)
    found = {}
    for one in inputs:
        name, value = re.search(r'\bname="([^"]*)"', one), re.search(r'\bvalue="([^"]*)"', one)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


@pytest.fixture
def name(api: Api, name: str) -> str:
    """The id of an account that is open and has no entry."""
    api.open(name)
    return name


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    made = Visitor(site.url)
    yield made
    made.http.close()


def test_a_deposit_leads_back_to_the_account_which_shows_it(visitor: Visitor, name: str) -> None:
    fields = visitor.form(f"/accounts/{name}")
    answer = visitor.send(f"/accounts/{name}/entries", fields | {"amount": "1 500.25", "kind": "deposit"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/accounts/{name}?booked=")
    page = visitor.http.get(answer.headers["location"])
    assert 'value="1500.25"' in page.text
    assert "booked as #" in page.text


def test_the_first_page_opens_an_account_too(visitor: Visitor, name: str) -> None:
    fields = visitor.form("/?open=1") | {"account_id": f"{name}-new", "amount": "7", "currency": "eur"}
    first, again = (visitor.send("/entries", fields) for _ in range(2))
    assert first.headers["location"].startswith(f"/accounts/{name}-new?booked=")
    assert first.headers["location"] == again.headers["location"]
    assert "EUR" in visitor.http.get(first.headers["location"]).text


def test_the_first_page_opens_an_account_for_a_person(visitor: Visitor, api: Api, name: str) -> None:
    assert api.post("/api/users", {"name": "Anna", "user_id": name}).status_code == 201
    fields = visitor.form("/?open=1") | {"account_id": f"{name}-2", "amount": "7", "user_id": f" {name} "}
    first, again = (visitor.send("/entries", fields) for _ in range(2))
    assert first.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    visitor.http.get(first.headers["location"])
    shown = api.http.get(f"/api/accounts/{name}-2").json()
    assert (shown["user_id"], shown["balance"], shown["revision"]) == (name, "7.00", 1)
    taken = visitor.send("/entries", visitor.form("/?open=1") | {**fields, "key": str(uuid4())})
    assert taken.status_code == 409
    assert account_already_exists(f"{name}-2") in taken.text


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("amount", "holder", "field", "code"),
    [("7", "nobody", "user_id", 404), ("7", "a b", "user_id", 422), ("7.001", None, "amount", 422)],
)
def test_no_account_is_opened_for_a_person_by_a_form_that_is_refused(
    visitor: Visitor,
    api: Api,
    name: str,
    headers: dict[str, str],
    amount: str,
    holder: str | None,
    field: str,
    code: int,
) -> None:
    api.post("/api/users", {"name": "Anna", "user_id": name})
    typed = {"account_id": f"{name}-2", "amount": amount, "user_id": holder or name}
    answer = visitor.send("/entries", visitor.form("/?open=1") | typed, headers)
    assert answer.status_code == code
    assert f'id="{field}-error"' in answer.text
    assert answer.text.count(" autofocus") == 1
    assert fields_of(answer.text)["user_id"] == typed["user_id"]
    assert api.http.get(f"/api/accounts/{name}-2").status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_form_that_opens_accounts_refuses_an_id_that_exists_and_leads_to_the_account(
    visitor: Visitor, api: Api, name: str, headers: dict[str, str]
) -> None:
    fields = visitor.form("/?open=1") | {"account_id": name, "amount": "7"}
    answer = visitor.send("/entries", fields, headers)
    assert answer.status_code == 409
    assert account_already_exists(name) in answer.text
    assert f'href="/accounts/{name}">Go to account' in answer.text
    assert api.http.get(f"/api/accounts/{name}").json()["balance"] == "0.00"


@pytest.mark.parametrize("holder", [False, True])
def test_of_two_who_open_the_same_id_at_once_one_is_refused(
    visitor: Visitor, site: Served, api: Api, name: str, holder: bool
) -> None:
    api.post("/api/users", {"name": "Anna", "user_id": name})
    typed = {"account_id": f"{name}-2", "user_id": name if holder else "", "amount": "7"}
    others = [Visitor(site.url) for _ in range(4)]
    forms = [(other, other.form("/?open=1") | typed) for other in others]
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(lambda each: each[0].send("/entries", each[1]), forms))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    (opened,) = [answer for answer in answers if answer.status_code == 303]
    position = int(opened.headers["location"].partition("booked=")[2])
    assert api.shown(f"{name}-2", position)["balance"] == "7.00"
    for other in others:
        other.http.close()


def test_after_opening_the_message_leads_to_the_account(visitor: Visitor, name: str) -> None:
    fields = visitor.form("/?open=1") | {"account_id": f"{name}-new", "amount": "7"}
    for _ in range(2):
        answer = visitor.send("/entries", fields, HTMX)
        assert f'<a href="/accounts/{name}-new">Go to account {name}-new</a>' in answer.text


def test_the_form_of_a_person_refuses_an_id_that_exists_and_leads_to_the_account(
    visitor: Visitor, api: Api, name: str
) -> None:
    api.post("/api/users", {"name": "Anna", "user_id": name})
    fields = visitor.form(f"/users/{name}", "open") | {"account_id": name}
    answer = visitor.send(f"/users/{name}/accounts", fields)
    assert answer.status_code == 409
    assert account_already_exists(name) in answer.text
    assert f'href="/accounts/{name}">Go to account' in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_deposit_on_the_page_of_an_account_never_opens_it(
    visitor: Visitor, api: Api, name: str, headers: dict[str, str]
) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "7", "kind": "deposit"}
    answer = visitor.send(f"/accounts/{name}-other/entries", fields, headers)
    assert answer.status_code == 404
    assert messages_on_accounts.open_it_first(f"{name}-other") in answer.text
    assert api.http.get(f"/api/accounts/{name}-other").status_code == 404


def test_a_decimal_comma_is_taken_in_forms(visitor: Visitor, api: Api, name: str) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "1.250,50", "kind": "deposit"}
    answer = visitor.send(f"/accounts/{name}/entries", fields)
    assert answer.status_code == 303
    position = int(answer.headers["location"].partition("booked=")[2])
    assert api.shown(name, position)["balance"] == "1250.50"
    assert name in visitor.http.get("/", params={"balance_below": "1250,51", "q": name}).text


def test_a_form_sent_twice_books_once(visitor: Visitor, api: Api, name: str) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "10", "kind": "deposit"}
    first, again = (visitor.send(f"/accounts/{name}/entries", fields) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    position = int(first.headers["location"].partition("booked=")[2])
    assert api.shown(name, position)["balance"] == "10.00"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_form_keeps_what_was_typed_and_says_why_next_to_the_field(
    visitor: Visitor, name: str, headers: dict[str, str]
) -> None:
    fields = visitor.form(f"/accounts/{name}")
    typed = {"amount": "12,500", "note": 'a "quoted" <note>', "kind": "deposit", "value_date": "2026-02-30"}
    answer = visitor.send(f"/accounts/{name}/entries", fields | typed, headers)
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    assert (kept["amount"], kept["note"]) == (typed["amount"], typed["note"])
    assert kept["key"] == fields["key"]
    assert 'id="amount-error"' in answer.text
    assert 'id="value_date-error"' in answer.text
    assert answer.text.count(" autofocus") == 1
    assert ("<html" in answer.text) == (headers == {})


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_withdrawal_beyond_the_balance_is_refused_in_the_form(
    visitor: Visitor, api: Api, name: str, headers: dict[str, str]
) -> None:
    api.deposit(name, "5")
    fields = visitor.form(f"/accounts/{name}") | {"amount": "6", "kind": "withdrawal"}
    answer = visitor.send(f"/accounts/{name}/entries", fields, headers)
    assert answer.status_code == 409
    assert insufficient_funds(name, "5.00", "CZK", "6.00", "5.00", "0.00", "0.00") in answer.text
    assert fields_of(answer.text)["amount"] == "6"


def test_a_key_used_for_something_else_is_refused_and_the_form_gets_a_new_one(
    visitor: Visitor, name: str
) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "6", "kind": "deposit"}
    visitor.send(f"/accounts/{name}/entries", fields)
    answer = visitor.send(f"/accounts/{name}/entries", fields | {"amount": "7"})
    assert answer.status_code == 422
    assert fields_of(answer.text)["key"] != fields["key"]


def test_a_form_whose_key_is_too_long_books_nothing(visitor: Visitor, name: str) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "6", "key": "k" * 256}
    answer = visitor.send(f"/accounts/{name}/entries", fields)
    assert answer.status_code == 422
    assert escape(on_input.not_a_form_key(255)) in answer.text


def test_a_form_takes_its_key_from_its_field_or_from_the_header(
    visitor: Visitor, api: Api, name: str
) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "6", "kind": "deposit", "key": f"monday {name}"}
    bare = {field: text for field, text in fields.items() if field != "key"}
    header = {"Idempotency-Key": f'"monday {name}"'}
    action = f"/accounts/{name}/entries"
    answers = [
        visitor.send(action, fields),
        visitor.send(action, bare, header),
        visitor.send(action, fields, header),
    ]
    (place,) = {answer.headers["location"] for answer in answers}
    assert api.shown(name, int(place.rpartition("=")[2]))["balance"] == "6.00"
    other = visitor.send(action, fields, {"Idempotency-Key": "tuesday"})
    assert other.status_code == 400
    assert on_input.KEY_IN_TWO_PLACES in other.text


def test_htmx_gets_a_new_form_that_says_that_the_entry_settles(visitor: Visitor, name: str) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "6", "kind": "deposit"}
    answer = visitor.send(f"/accounts/{name}/entries", fields, HTMX)
    assert answer.status_code == 200
    assert messages_on_accounts.deposited("6.00 CZK", name) in answer.text
    assert "<html" not in answer.text
    fresh = fields_of(answer.text)
    assert (fresh["amount"], fresh["key"] != fields["key"]) == ("", True)
    asked = re.search(r'hx-get="(/settled\?position=\d+)"', answer.text)
    assert asked
    assert "booked as #" in visitor.http.get(asked[1], headers=HTMX).text


def test_a_form_without_its_token_books_nothing(visitor: Visitor, name: str) -> None:
    fields = visitor.form(f"/accounts/{name}") | {"amount": "6", "kind": "deposit"}
    for token in (None, "", "0" * 128):
        sent = {field: value for field, value in fields.items() if field != "_csrf_token"}
        answer = visitor.send(
            f"/accounts/{name}/entries", sent if token is None else sent | {"_csrf_token": token}
        )
        assert answer.status_code == 403
    visitor.http.cookies.clear()
    assert visitor.send(f"/accounts/{name}/entries", fields).status_code == 403
    assert "Nothing is booked on" in visitor.http.get(f"/accounts/{name}").text


def test_an_outdated_token_is_explained_in_the_form_and_no_input_is_lost(visitor: Visitor, name: str) -> None:
    answer = visitor.send(f"/accounts/{name}/entries", {"amount": "6"}, HTMX)
    assert answer.status_code == 403
    assert answer.headers["hx-retarget"] == "find .message"
    assert answer.headers["hx-reswap"] == "innerHTML"
    assert messages.HTTP[403].advice in answer.text
    assert "<html" not in answer.text


def test_typed_text_is_never_markup(visitor: Visitor, api: Api, name: str) -> None:
    note = '<img src=x onerror="alert(1)">'
    api.shown(name, api.deposit(name, "1", note=note)["position"])
    for page in (visitor.http.get(f"/accounts/{name}").text, visitor.http.get("/").text):
        assert note not in page
        assert "&lt;img src=x" in page
    assert "<script>" not in visitor.http.get("/", params={"q": "<script>alert(1)</script>"}).text
