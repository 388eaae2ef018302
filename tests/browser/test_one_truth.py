"""The badge, the figures and the messages of a page agree, also after a reload."""

from playwright.sync_api import expect

from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, live
from tests.kit.stack import Stack
from tests.kit.web import Api


def test_while_figures_are_stale_the_page_says_so_everywhere_and_a_reload_still_settles(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page, dashboard = opens(f"/accounts/{name}"), opens("/")
    live(page)
    live(dashboard)
    expect(dashboard.locator(".was").first).to_be_hidden()
    projector = whole.part("app projector")
    projector.suspend()
    try:
        page.fill("#amount", "5")
        page.get_by_role("button", name="Deposit").click()
        expect(page.locator(".message")).to_contain_text("settling as #", timeout=SOON)
        page.reload()
        expect(page.locator(".message")).to_contain_text("settling as #")
        expect(dashboard.locator("#badge")).to_have_attribute("data-state", "stale", timeout=30_000)
        expect(dashboard.locator("#figures .was").first).to_be_visible()
        expect(dashboard.locator("#models .figure.ok")).to_have_count(0, timeout=SOON)
    finally:
        projector.resume()
    expect(page.locator(".message")).to_contain_text("booked as #", timeout=30_000)
    live(dashboard)
    expect(dashboard.locator("#figures .was").first).to_be_hidden()


def test_a_reload_of_the_first_page_still_says_what_was_booked(opens: Opens, name: str) -> None:
    page = opens("/?open=1")
    live(page)
    page.fill("#account_id", name)
    page.fill("#amount", "7")
    page.get_by_role("button", name="Deposit").click()
    expect(page.locator(".message")).to_contain_text("booked as #", timeout=SOON)
    page.reload()
    expect(page.locator(".message")).to_contain_text("booked as #")
