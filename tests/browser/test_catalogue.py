"""The catalogue of events, also without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opens


@pytest.mark.parametrize("scripts", [True, False])
def test_from_any_page_to_an_event_its_example_and_its_schema(opens: Opens, scripts: bool) -> None:
    page = opens("/", java_script_enabled=scripts)
    page.locator(".foot").get_by_role("link", name="Events").click()
    page.wait_for_url("**/catalogue")
    page.get_by_role("row", name="MoneyDeposited").get_by_role("link").click()
    page.wait_for_url("**/catalogue#MoneyDeposited")
    event = page.locator("#MoneyDeposited")
    expect(event.get_by_role("heading")).to_be_in_viewport()
    for title, text in (("Example", '"amount": 125050'), ("JSON Schema", '"title": "MoneyDeposited"')):
        shown = event.locator("details", has=page.get_by_text(title, exact=True)).locator("pre")
        expect(shown).to_be_hidden()
        event.get_by_text(title, exact=True).click()
        expect(shown).to_contain_text(text)
        expect(shown).to_be_visible()
