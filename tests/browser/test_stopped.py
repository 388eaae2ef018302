"""An open page learns that its account stops, and that it goes on."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, balance_of, live
from tests.kit.foreign import other_program
from tests.kit.stack import Stack
from tests.kit.web import Api


def test_an_open_page_hides_its_form_while_the_account_is_stopped(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1.00")["position"])
    page, dashboard = opens(f"/accounts/{name}"), opens("/")
    live(page)
    live(dashboard)
    form, notice = page.locator("#entry-form"), page.get_by_role("note")
    page.fill("#note", "half typed")
    with other_program(whole.esdb_uri) as other:
        other.limit(name, {"$maxCount": 1})
        expect(notice).to_be_visible(timeout=SOON)
        expect(form).to_be_hidden()
        expect(dashboard.locator(f'[id="account-{name}"] .chip.stopped')).to_be_visible(timeout=SOON)
        assert balance_of(dashboard, name) == "1.00"
        opened_meanwhile = opens(f"/accounts/{name}")
        live(opened_meanwhile)
        expect(opened_meanwhile.locator("#entry-form")).to_have_count(0)
        expect(opened_meanwhile.locator(".again")).to_be_hidden()
        other.limit(name, {})
    expect(form).to_be_visible(timeout=SOON)
    expect(notice).to_have_count(0)
    expect(page.locator("#note")).to_have_value("half typed")
    expect(dashboard.locator(f'[id="account-{name}"] .chip.stopped')).to_have_count(0, timeout=SOON)
    books_again(opened_meanwhile)


def books_again(page: Page) -> None:
    """A page that had no form offers to reload."""
    link = page.locator(".again a")
    expect(link).to_be_visible(timeout=SOON)
    link.click()
    expect(page.locator("#entry-form")).to_be_visible(timeout=SOON)
