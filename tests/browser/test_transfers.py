"""A transfer on the pages: found as one types, confirmed with the keyboard, followed live; lists and figures follow."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.browser.test_live_pages import live
from tests.kit.web import Api

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def payer(api: Api, name: str) -> str:
    """With 100.00."""
    api.booked(f"{name}/deposits", amount="100")
    return name


@pytest.fixture
def payee(api: Api, name: str) -> str:
    user = f"Karel {uuid4().hex[:8]}"
    user_id = api.post("/api/users", {"name": user}).json()["user_id"]
    body = {"account_id": f"{name}-to", "currency": "CZK", "user_id": user_id}
    answer = api.post("/api/accounts", body)
    api.shown(f"{name}-to", answer.json()["position"])
    return f"{name}-to"


def requested(api: Api, payer: str, payee: str, amount: str = "10", **more: str) -> str:
    answer = api.post("/api/transfers", {"from": payer, "to": payee, "amount": amount, **more})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["transfer_id"])


def test_a_transfer_is_made_with_the_keyboard_alone(opens: Opens, api: Api, payer: str, payee: str) -> None:
    page = opens(f"/accounts/{payer}")
    page.locator("#to-transfer").press("Enter")
    expect(page.locator("#receiver")).to_be_focused()
    page.keyboard.type(payee[3:])
    match = page.locator(f"#choose-{payee}")
    expect(match).to_be_visible()
    match.press("Enter")
    expect(page.locator("#amount")).to_be_focused()
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    expect(page.locator("table.preview")).to_contain_text("70.00")
    expect(page.get_by_role("button", name="Transfer 30.00")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#transfer .chip").first).to_have_text("completed")
    expect(page.locator("#step-credited")).to_contain_text(payee)


def test_a_page_without_javascript_makes_a_transfer(opens: Opens, payer: str, payee: str) -> None:
    page = opens(f"/accounts/{payer}/transfer", java_script_enabled=False)
    page.fill("#receiver", payee)
    page.get_by_role("button", name="Find").click()
    page.locator(f"#choose-{payee}").click()
    page.fill("#amount", "30")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Transfer 30.00").click()
    assert "/transfers/" in page.url
    expect(page.locator(".holding")).to_contain_text("30.00")


def test_a_transfer_is_followed_live_also_when_it_is_reversed_elsewhere(
    opens: Opens, api: Api, payer: str, payee: str
) -> None:
    of = requested(api, payer, payee)
    page = opens(f"/transfers/{of}")
    expect(page.locator("#to-reversal")).to_be_visible()
    live(page)
    other = opens(f"/transfers/{of}/reversal")
    other.get_by_role("button", name="Reverse the transfer").click()
    expect(other.locator("#transfer .chip").first).to_have_text("completed")
    expect(page.locator("#transfer")).to_contain_text("reversed by a later transfer")
    expect(page.locator("#to-reversal")).to_have_count(0)


def test_the_list_shows_a_new_transfer_at_once(opens: Opens, api: Api, payer: str, payee: str) -> None:
    page = opens(f"/transfers?account={payer}")
    expect(page.locator("#transfers")).to_contain_text("No transfer from or to account")
    live(page)
    of = requested(api, payer, payee, note="rent")
    expect(page.locator(f"#transfer-{of} td.state")).to_have_text("completed")


def test_the_page_of_an_account_shows_who_is_at_the_other_end(
    opens: Opens, api: Api, payer: str, payee: str
) -> None:
    page = opens(f"/accounts/{payer}")
    live(page)
    of = requested(api, payer, payee)
    expect(page.locator(f'#history a[href="/transfers/{of}"]')).to_have_text("Transfer out")
    expect(page.locator(f'#history a[href="/accounts/{payee}"]')).to_have_text(payee)


def test_keys_lead_to_the_transfers(opens: Opens) -> None:
    page = opens("/")
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page).to_have_title("Transfers · Daybook")


def no_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_long_notes_and_ids_fit_on_a_phone(opens: Opens, api: Api, payer: str, payee: str) -> None:
    notes = [requested(api, payer, payee, "1", note="wide " * 40, reference="X" * 100) for _ in range(3)]
    paths = ("/transfers", f"/transfers/{notes[0]}", f"/transfers/{notes[0]}/reversal", "/")
    making = (f"/accounts/{payer}/transfer?q={payee}", f"/accounts/{payer}/transfer?to={payee}")
    for path in (*paths, *making, f"/accounts/{payer}"):
        assert no_wider_than_the_window(opens(path, **PHONE)), path


def test_the_start_page_has_the_money_in_flight_next_to_the_totals(
    opens: Opens, api: Api, payer: str, payee: str
) -> None:
    page = opens("/")
    live(page)
    expect(page.locator("#figures")).to_contain_text("Money in flight")
    height = page.locator("#figures").evaluate("element => element.parentElement.offsetHeight")
    for _ in range(5):
        requested(api, payer, payee)
    expect(page.locator("#feed")).to_contain_text(f"from {payer}")
    assert page.locator("#figures").evaluate("element => element.parentElement.offsetHeight") == height
