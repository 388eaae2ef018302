"""The page of a trace: reached from an entry, also without JavaScript, and readable on a phone."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.kit.web import Api

NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1360, "height": 800}
LONG = "x" * 40


def person_with_account(api: Api, name: str, correlation_id: str) -> int:
    """Returns the position of a deposit in the same request."""
    sent = {"X-Correlation-ID": correlation_id}
    user = f"u-{name}"
    for path, body in (
        ("/api/users", {"name": "Anna", "user_id": user}),
        ("/api/accounts", {"account_id": name, "currency": "CZK", "user_id": user}),
        (f"/api/accounts/{name}/deposits", {"amount": "1250000.50", "note": LONG}),
    ):
        answer = api.http.post(path, json=body, headers=sent)
        assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    api.shown(name, position)
    return position


def fits(page: Page) -> bool:
    found: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return found


@pytest.mark.parametrize("javascript", [True, False])
def test_an_entry_leads_to_what_led_to_it(opens: Opens, api: Api, name: str, javascript: bool) -> None:
    correlation_id = f"order/{name}?x"
    person_with_account(api, name, correlation_id)
    page = opens(f"/accounts/{name}", java_script_enabled=javascript)
    page.locator("#history").get_by_role("link", name="what led to this entry").click()
    expect(page.locator(".about")).to_contain_text(correlation_id)
    expect(page.locator(".step")).to_have_count(4)
    inner = page.locator(".trace > ol > li > ol .step")
    expect(inner).to_have_count(1)
    expect(inner).to_contain_text("AccountCreated")
    page.locator(".step").last.get_by_role("link").click()
    expect(page).to_have_url(f"{page.url.partition('/accounts')[0]}/accounts/{name}")


def test_a_new_entry_of_the_history_and_of_the_feed_leads_to_its_trace(
    opens: Opens, api: Api, name: str
) -> None:
    api.open(name)
    account, dashboard = opens(f"/accounts/{name}"), opens("/")
    for page in (account, dashboard):
        expect(page.locator("#badge")).to_have_attribute("data-state", "live", timeout=30_000)
    position = api.deposit(name, "5")["position"]
    for page in (account, dashboard):
        expect(page.locator(f'a[href="/trace?at={position}"]')).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window(opens: Opens, api: Api, viewport: dict[str, int], scheme: str) -> None:
    name, correlation_id = f"{LONG}{uuid4().hex[:10]}", f"{'long' * 20}{uuid4().hex}"
    position = person_with_account(api, name, correlation_id)
    page = opens(f"/trace?at={position}", viewport=viewport, color_scheme=scheme)
    assert fits(page)
    for path in (f"/accounts/{name}", "/"):
        page.goto(path)
        assert fits(page), path
    page.locator(f'a[href="/trace?at={position}"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator(".step").first).to_be_visible()
