"""Entries are reversed from the history's pages, and each of the two leads to the other. Without JavaScript."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from markupsafe import escape

from domain.messages import entry_already_reversed, insufficient_funds, unknown_entry
from tests.kit.web import Api, Served
from tests.web.accounts.test_forms import Visitor

FORM = 'id="action-form"'
PAGE = 50


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    made = Visitor(site.url)
    yield made
    made.http.close()


def deposited(api: Api, account: str, *amounts: str) -> list[str]:
    """The ids of the entries, which the pages show."""
    booked = [api.deposit(account, amount) for amount in amounts]
    settled = api.http.get(f"/accounts/{account}", params={"booked": booked[-1]["position"]})
    assert "booked as #" in settled.text
    return [each["entry_id"] for each in booked]


def history(api: Api, account: str) -> list[dict[str, Any]]:
    answer = api.http.get(f"/api/accounts/{account}/history", params={"limit": 500})
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def reversal_of(account: str, entry_id: str) -> str:
    return f"/accounts/{account}/entries/{entry_id}/reversal"


def reverse(visitor: Visitor, account: str, entry_id: str) -> tuple[str, str]:
    """The address that it redirects to, and the page there, which has both entries."""
    path = reversal_of(account, entry_id)
    answer = visitor.send(path, visitor.form(path, "action-form"))
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    return location, visitor.http.get(location).text


def row(page: str, entry_id: str) -> str:
    return page.partition(f'id="entry-{entry_id}"')[2].partition("</tr>")[0]


def figures(page: str) -> list[str]:
    return re.findall(r'<data[^>]* value="([^"]*)"', page.partition("<h1")[2])


def test_the_page_says_what_will_be_booked_and_what_it_changes(visitor: Visitor, api: Api, name: str) -> None:
    (entry,) = deposited(api, name, "100")
    api.booked(f"{name}/overdraft", limit="50")
    api.booked(f"{name}/holds", amount="30")
    page = visitor.http.get(reversal_of(name, entry)).text
    assert f'href="/accounts/{name}/entries/{entry}"' in page
    assert figures(page) == ["100.00", "-100.00", "100.00", "0.00", "120.00", "20.00"]
    assert FORM in page


def test_an_entry_is_reversed_and_the_two_rows_lead_to_each_other(
    visitor: Visitor, api: Api, name: str
) -> None:
    (entry,) = deposited(api, name, "100")
    assert f'href="{reversal_of(name, entry)}"' in row(visitor.http.get(f"/accounts/{name}").text, entry)
    location, page = reverse(visitor, name, entry)
    reversal = history(api, name)[0]
    assert location == f"/accounts/{name}?booked={reversal['position']}#entry-{reversal['entry_id']}"
    assert f'href="#entry-{reversal["entry_id"]}"' in row(page, entry)
    assert f'href="#entry-{entry}"' in row(page, reversal["entry_id"])
    assert reversal_of(name, entry) not in page
    assert f'href="{reversal_of(name, reversal["entry_id"])}"' in row(page, reversal["entry_id"])


def test_an_entry_that_was_reversed_offers_no_form_but_the_way_to_its_reversal(
    visitor: Visitor, api: Api, name: str
) -> None:
    (entry,) = deposited(api, name, "100")
    reverse(visitor, name, entry)
    refused = visitor.http.get(reversal_of(name, entry))
    assert (refused.status_code, FORM in refused.text) == (409, False)
    assert entry_already_reversed(entry, name) in refused.text
    reversal = history(api, name)[0]["entry_id"]
    link = re.search(rf'href="(/accounts/{name}/entries/{reversal}[^"]*)"', refused.text)
    assert link
    assert visitor.http.get(link[1]).headers["location"] == f"/accounts/{name}#entry-{reversal}"


def test_a_reversal_that_is_refused_shows_its_entry_and_the_reason(
    visitor: Visitor, api: Api, name: str
) -> None:
    (entry,) = deposited(api, name, "100")
    api.booked(f"{name}/withdrawals", amount="40")
    refused = visitor.http.get(reversal_of(name, entry))
    assert (refused.status_code, FORM in refused.text) == (409, False)
    assert insufficient_funds(name, "60.00", "CZK", "100.00", "60.00", "0.00", "0.00") in refused.text
    assert figures(refused.text) == ["100.00"]


def test_rows_on_different_pages_lead_to_the_page_of_the_other(visitor: Visitor, api: Api, name: str) -> None:
    oldest, *_ = deposited(api, name, *(["1"] * (PAGE + 1)))
    _, newest_page = reverse(visitor, name, oldest)
    reversal, *_, undone = history(api, name)
    to_oldest = f"/accounts/{name}/entries/{oldest}?before={reversal['position']}"
    assert f'href="{to_oldest}"' in row(newest_page, reversal["entry_id"])
    older = visitor.http.get(to_oldest).headers["location"]
    assert older == f"/accounts/{name}?before={undone['position'] + 1}#entry-{oldest}"
    to_reversal = f"/accounts/{name}/entries/{reversal['entry_id']}?before={reversal['position'] + 1}"
    assert f'href="{to_reversal}"' in row(visitor.http.get(older).text, oldest)
    newest = visitor.http.get(to_reversal).headers["location"]
    assert newest == f"/accounts/{name}#entry-{reversal['entry_id']}"
    assert row(visitor.http.get(newest).text, reversal["entry_id"])


def test_only_an_open_account_offers_it(visitor: Visitor, api: Api, name: str) -> None:
    (entry,) = deposited(api, name, "100")
    for path, is_offered in (("freeze", False), ("unfreeze", True)):
        api.booked(f"{name}/{path}")
        page = visitor.http.get(f"/accounts/{name}").text
        assert (reversal_of(name, entry) in page) is is_offered
    reverse(visitor, name, entry)
    api.booked(f"{name}/close")
    assert "/reversal" not in visitor.http.get(f"/accounts/{name}").text


def test_what_is_no_entry_of_the_account_has_no_page(visitor: Visitor, api: Api, name: str) -> None:
    (entry,) = deposited(api, name, "1")
    deposited(api, f"{name}-2", "1")
    for account, entry_id in ((name, str(uuid4())), (f"{name}-2", entry)):
        for path in (f"/accounts/{account}/entries/{entry_id}", reversal_of(account, entry_id)):
            missing = visitor.http.get(path)
            assert missing.status_code == 404
            assert escape(unknown_entry(entry_id, account)) in missing.text
    assert visitor.http.get(f"/accounts/{name}/entries/x").status_code == 404
    assert visitor.http.get(reversal_of(name, "x")).status_code == 422
