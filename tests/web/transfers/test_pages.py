"""The pages of transfers, as a browser without JavaScript uses them."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest
from markupsafe import escape

from domain.messages import unknown_account
from domain.quoting import shortened
from domain.transfers import messages as on_transfers
from tests.kit.projector import until
from tests.kit.web import Api, Served
from tests.web.accounts.test_forms import Visitor, fields_of
from web import messages_on_transfers as messages
from web.messages_on_input import PARAMETER_UNKNOWN


@pytest.fixture
def visitor(bank: Served) -> Iterator[Visitor]:
    """Of the web process whose transfers are carried on."""
    made = Visitor(bank.url)
    yield made
    made.http.close()


@pytest.fixture
def idle(site: Served) -> Iterator[Visitor]:
    """Of a web process whose transfers stay as they were requested."""
    made = Visitor(site.url)
    yield made
    made.http.close()


@pytest.fixture
def payer(transfers: Api, name: str) -> str:
    """With 100.00, held by Jana."""
    return funded(transfers, name)


@pytest.fixture
def payee(transfers: Api, name: str) -> str:
    """With 1.00, held by Karel."""
    return opened(transfers, f"{name}-to", "Karel Dvořák")


def funded(api: Api, account: str) -> str:
    opened(api, account, "Jana Nováková")
    api.booked(f"{account}/deposits", amount="99")
    return account


def opened(api: Api, account: str, holder: str) -> str:
    user = api.post("/api/users", {"name": holder, "user_id": account})
    assert user.status_code == 201
    body = {"account_id": account, "currency": "CZK", "user_id": account}
    assert api.post("/api/accounts", body).status_code == 201
    api.booked(f"{account}/deposits", amount="1")
    until(lambda: api.http.get(f"/api/users/{account}").status_code == 200)
    return account


def asked(visitor: Visitor, payer: str, payee: str, step: str = "preview", **typed: str) -> httpx.Response:
    """The form, filled in."""
    page = f"/accounts/{payer}/transfer"
    fields = visitor.form(f"{page}?to={payee}", "transfer-form")
    return visitor.send(page, fields | {"amount": "30", "step": step, **typed})


def request(visitor: Visitor, payer: str, payee: str, **typed: str) -> str:
    """The address that a transfer which was requested on the pages leads to."""
    shown = asked(visitor, payer, payee, **typed)
    assert shown.status_code == 200, shown.text
    answer = confirm(visitor, payer, shown)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def confirm(visitor: Visitor, payer: str, shown: httpx.Response, step: str = "confirm") -> httpx.Response:
    fields = fields_of(shown.text, "confirm-form")
    return visitor.send(f"/accounts/{payer}/transfer", fields | {"step": step})


def ended(visitor: Visitor, address: str, state: str = "completed") -> str:
    """The page of the transfer when it is in that state."""
    path, chip = address.partition("?")[0], f'<span class="chip {state}">{state}</span>'
    until(lambda: chip in visitor.http.get(path).text)
    return visitor.http.get(path).text


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def transfer(api: Api, payer: str, payee: str, **more: str) -> str:
    body: dict[str, Any] = {"from": payer, "to": payee, "amount": "10", **more}
    answer = api.post("/api/transfers", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["transfer_id"])


# Making one.


def test_the_receiving_account_is_found_by_its_id_and_by_its_holder(
    visitor: Visitor, payer: str, payee: str
) -> None:
    page = f"/accounts/{payer}/transfer"
    assert f'href="{page}"' in visitor.http.get(f"/accounts/{payer}").text
    assert "Accounts that are found appear here" in visitor.http.get(page).text
    by_id = visitor.http.get(page, params={"q": payee[2:]}).text
    assert f'href="{page}?to={payee}"' in by_id
    assert "Karel Dvořák" in by_id
    assert f'href="{page}?to={payer}"' not in by_id
    by_holder = visitor.http.get(page, params={"q": "dvo"}).text
    assert "Karel Dvořák" in by_holder
    nobody = visitor.http.get(page, params={"q": "nobody-at-all"})
    assert "No other account has an id that contains “nobody-at-all”" in text_of(nobody.text)


@pytest.mark.parametrize("wrong", ["unknown", "itself", "not an id!"])
def test_an_account_that_cannot_receive_is_refused_where_it_is_chosen(
    visitor: Visitor, payer: str, wrong: str
) -> None:
    to = {"unknown": f"{payer}-nobody", "itself": payer}.get(wrong, wrong)
    page = visitor.http.get(f"/accounts/{payer}/transfer", params={"to": to})
    assert page.status_code == (404 if wrong == "unknown" else 422)
    assert 'id="receiver-error"' in page.text
    said = {"unknown": unknown_account(to), "itself": on_transfers.same_account(to)}.get(wrong, "")
    assert str(escape(said)) in page.text
    assert 'id="transfer-form"' not in page.text


def test_a_transfer_from_an_account_that_does_not_exist_is_not_offered(visitor: Visitor, name: str) -> None:
    assert visitor.http.get(f"/accounts/{name}/transfer").status_code == 404


def test_what_a_transfer_will_do_is_shown_before_it_is_confirmed(
    visitor: Visitor, transfers: Api, payer: str, payee: str
) -> None:
    shown = asked(visitor, payer, payee, note="rent", reference="R 7", value_date="2026-01-05")
    assert shown.status_code == 200
    said = text_of(shown.text)
    for words in ("Jana Nováková", "Karel Dvořák", "Balance 100.00 70.00 ", "rent", "R 7", "2026-01-05"):
        assert words in said
    assert "The money would come back" not in said
    assert transfers.http.get(f"/api/transfers?account={payer}").json()["transfers"] == []


def test_it_is_said_beforehand_that_the_receiving_account_would_decline(
    visitor: Visitor, transfers: Api, payer: str, payee: str
) -> None:
    transfers.booked(f"{payee}/freeze")
    shown = asked(visitor, payer, payee)
    assert messages.would_decline(payee, "account-frozen") in text_of(shown.text)
    page = ended(visitor, str(confirm(visitor, payer, shown).headers["location"]), "refunded")
    assert messages.declined(payee, "account-frozen") in text_of(page)
    assert messages.refunded(payer) in text_of(page)
    assert "Reverse" not in page


def test_a_confirmed_transfer_is_followed_to_its_end(visitor: Visitor, payer: str, payee: str) -> None:
    address = request(visitor, payer, payee, note="rent")
    assert re.fullmatch(r"/transfers/[0-9a-f-]{36}\?requested=\d+", address)
    first = visitor.http.get(address)
    assert first.status_code == 200
    page = text_of(ended(visitor, address))
    words = (messages.REQUESTED, messages.debited(payer), messages.credited(payee), messages.COMPLETED)
    assert all(page.index(one) < page.index(other) for one, other in pairwise(words))
    assert "rent" in page


def test_the_steps_lead_to_the_entries_and_the_entries_to_the_transfer(
    visitor: Visitor, payer: str, payee: str
) -> None:
    address = request(visitor, payer, payee)
    page = ended(visitor, address)
    found = re.findall(r'href="(/accounts/[^"]*/entries/[^"]*)"', page)
    assert [path.split("/")[2] for path in found] == [payer, payee]
    for path, towards, other in zip(found, ("to", "from"), (payee, payer), strict=True):
        answer = visitor.http.get(path)
        assert answer.status_code == 303
        history = visitor.http.get(answer.headers["location"].partition("#")[0]).text
        assert (
            f'<a href="{address.partition("?")[0]}">Transfer {"out" if towards == "to" else "in"}</a>'
            in history
        )
        assert f'{towards} <a href="/accounts/{other}">{other}</a>' in history
    assert re.findall(r'href="(/trace\?at=\d+)"', page)


def test_a_transfer_that_is_confirmed_twice_is_made_once(visitor: Visitor, payer: str, payee: str) -> None:
    shown = asked(visitor, payer, payee)
    first, again = (confirm(visitor, payer, shown).headers["location"] for _ in range(2))
    assert first == again
    fields = fields_of(shown.text, "confirm-form")
    back = visitor.send(f"/accounts/{payer}/transfer", fields | {"step": "preview"})
    assert (back.status_code, back.headers["location"]) == (303, first)


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    visitor: Visitor, payer: str, payee: str
) -> None:
    wrong = asked(visitor, payer, payee, amount="1.001", note="rent", value_date="soon")
    assert wrong.status_code == 422
    assert 'id="value_date-error"' in wrong.text
    assert fields_of(wrong.text, "transfer-form")["note"] == "rent"
    missing = asked(visitor, payer, payee, amount="")
    assert 'id="amount-error"' in missing.text
    much = asked(visitor, payer, payee, amount="100.01")
    assert much.status_code == 409
    refusal = re.search(r'<p class="error">(.*?)</p>', much.text)
    assert refusal
    assert "100.00" in refusal[1]
    assert fields_of(much.text, "transfer-form")["amount"] == "100.01"


def test_a_confirmation_can_be_changed(visitor: Visitor, payer: str, payee: str) -> None:
    shown = asked(visitor, payer, payee, note="rent")
    form = fields_of(confirm(visitor, payer, shown, "change").text, "transfer-form")
    assert (form["amount"], form["note"], form["to"]) == ("30", "rent", payee)
    assert form["key"] == fields_of(shown.text, "confirm-form")["key"]


def test_money_that_is_gone_at_the_confirmation_is_refused(
    visitor: Visitor, transfers: Api, payer: str, payee: str
) -> None:
    shown = asked(visitor, payer, payee)
    transfers.booked(f"{payer}/withdrawals", amount="90")
    answer = confirm(visitor, payer, shown)
    assert answer.status_code == 409
    assert 'id="transfer-form"' in answer.text


# One transfer.


def test_a_transfer_that_is_not_shown_yet_settles(idle: Visitor, api: Api, name: str) -> None:
    for account in (name, f"{name}-to"):
        api.booked(f"{account}/deposits", amount="100")
    of = transfer(api, name, f"{name}-to")
    page = idle.http.get(f"/transfers/{of}", params={"requested": 0})
    assert page.status_code == 200
    assert "10.00" in page.text


def test_a_transfer_that_waits_says_for_what(idle: Visitor, api: Api, name: str) -> None:
    for account in (name, f"{name}-to"):
        api.booked(f"{account}/deposits", amount="100")
    page = ended(idle, f"/transfers/{transfer(api, name, f'{name}-to')}", "requested")
    assert messages.next_is_debit(name) in text_of(page)


@pytest.mark.parametrize("wanted", [str(uuid4()), "nope", "a" * 200])
def test_a_transfer_that_does_not_exist_is_not_found(visitor: Visitor, wanted: str) -> None:
    for path in (f"/transfers/{wanted}", f"/transfers/{wanted}/reversal"):
        answer = visitor.http.get(path)
        assert answer.status_code == 404
        assert str(escape(on_transfers.unknown_transfer(shortened(wanted)))) in answer.text


# Reversing it.


def test_a_transfer_is_reversed_and_both_are_linked(visitor: Visitor, payer: str, payee: str) -> None:
    first = request(visitor, payer, payee).partition("?")[0]
    assert f'href="{first}/reversal"' in ended(visitor, first)
    form = visitor.http.get(f"{first}/reversal")
    assert "Balance 31.00 1.00 " in text_of(form.text)
    fields = fields_of(form.text, "reversal-form")
    answers = [visitor.send(f"{first}/reversal", fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    second = answers[0].headers["location"].partition("?")[0]
    assert f'href="{first}"' in ended(visitor, second)
    page = visitor.http.get(first).text
    assert f'href="{second}"' in page
    assert f'href="{first}/reversal"' not in page
    again = visitor.http.get(f"{first}/reversal")
    assert (again.status_code, f'href="{second}"' in again.text) == (409, True)


def test_a_reversal_that_cannot_be_paid_is_refused(
    visitor: Visitor, transfers: Api, payer: str, payee: str
) -> None:
    first = request(visitor, payer, payee).partition("?")[0]
    ended(visitor, first)
    form = visitor.form(f"{first}/reversal", "reversal-form")
    transfers.booked(f"{payee}/withdrawals", amount="31")
    refused = visitor.send(f"{first}/reversal", form)
    assert (refused.status_code, 'id="reversal-form"' in refused.text) == (409, False)


def test_rows_of_a_history_offer_the_reversal_of_the_transfer(
    visitor: Visitor, payer: str, payee: str
) -> None:
    first = request(visitor, payer, payee).partition("?")[0]
    ended(visitor, first)
    for account in (payer, payee):
        history = visitor.http.get(f"/accounts/{account}").text
        assert f'<a class="undo" href="{first}/reversal">' in history
    second = visitor.send(f"{first}/reversal", visitor.form(f"{first}/reversal", "reversal-form"))
    by = second.headers["location"].partition("?")[0]
    ended(visitor, by)
    for account in (payer, payee):
        history = visitor.http.get(f"/accounts/{account}").text
        assert f'<a class="undo" href="{first}/reversal">' not in history
        assert f'<a class="chip" href="{by}">reversed</a>' in history


def test_the_reversal_of_an_entry_of_a_transfer_leads_to_that_of_the_transfer(
    visitor: Visitor, payer: str, payee: str
) -> None:
    first = request(visitor, payer, payee).partition("?")[0]
    (entry, _) = re.findall(r'href="(/accounts/[^"]*/entries/[^"?]*)', ended(visitor, first))
    answer = visitor.http.get(f"{entry}/reversal")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{first}/reversal")


# Lists.


def test_those_under_way_are_on_top_and_those_that_ended_below(idle: Visitor, api: Api, name: str) -> None:
    for account in (name, f"{name}-to"):
        api.booked(f"{account}/deposits", amount="100")
    of = transfer(api, name, f"{name}-to", note="on its way")
    until(lambda: of in idle.http.get("/transfers").text)
    under_way, _, recent = idle.http.get("/transfers").text.partition('id="transfers-title"')
    assert of in under_way
    assert of not in recent


def test_transfers_are_filtered_by_state_and_account(
    visitor: Visitor, transfers: Api, payer: str, payee: str
) -> None:
    of = [request(visitor, payer, payee).partition("?")[0] for _ in range(2)]
    for address in of:
        ended(visitor, address)
    found = visitor.http.get("/transfers", params={"state": "completed", "account": payer}).text
    assert all(f'href="{address}"' in found for address in of)
    assert 'value="completed" selected' in found
    assert f'value="{payer}"' in found
    none = visitor.http.get("/transfers", params={"state": "refused", "account": payee})
    assert f"No transfer from or to account {payee} is refused." in text_of(none.text)
    blank = visitor.http.get("/transfers", params={"state": "", "account": ""})
    assert "Under way" in blank.text


def test_transfers_are_paged(idle: Visitor, api: Api, name: str) -> None:
    for account in (name, f"{name}-to"):
        api.booked(f"{account}/deposits", amount="1000")
    for _ in range(51):
        last = transfer(api, name, f"{name}-to", note="x" * 200)
    until(lambda: last in idle.http.get(f"/transfers?account={name}").text)
    first = idle.http.get("/transfers", params={"account": name}).text
    assert first.count("<tr id=") == 50
    link = first.partition('rel="next"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = idle.http.get(link).text
    assert second.count("<tr id=") == 1
    assert "First page" in second


def test_a_filter_that_makes_no_sense_is_refused(visitor: Visitor) -> None:
    for query in ("state=lost", "account=a%20b", "after=x"):
        assert visitor.http.get(f"/transfers?{query}").status_code == 422, query


def test_unknown_parameters_are_refused(visitor: Visitor, payer: str) -> None:
    paths = ("/transfers", f"/transfers/{uuid4()}", f"/transfers/{uuid4()}/reversal")
    for path in (*paths, f"/accounts/{payer}/transfer"):
        answer = visitor.http.get(path, params={"colour": "red"})
        assert (answer.status_code, PARAMETER_UNKNOWN in answer.text) == (422, True), path


def test_the_places_lead_to_the_transfers(visitor: Visitor) -> None:
    assert '<a href="/transfers">Transfers</a>' in visitor.http.get("/").text
    assert '<a href="/transfers" aria-current="page">' in visitor.http.get("/transfers").text


# Elsewhere.


def test_the_feed_names_the_other_account_and_leads_to_the_transfer(
    visitor: Visitor, payer: str, payee: str
) -> None:
    address = request(visitor, payer, payee).partition("?")[0]
    ended(visitor, address)
    page = visitor.http.get("/").text
    assert f'<a href="{address}">Transfer from</a>' in page
    assert f'to <a href="/accounts/{payee}">{payee}</a>' in page
    assert f'<a href="{address}">Transfer to</a>' in page
    assert f'from <a href="/accounts/{payer}">{payer}</a>' in page
