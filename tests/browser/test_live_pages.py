"""Entries that are booked in one window appear in the others, whatever happens to the connection."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opens
from tests.kit.line import proxied
from tests.kit.stack import Stack
from tests.kit.web import Api

SOON = 10_000
"""ms that an expectation waits: far more than necessary, for a machine under load."""


def live(page: Page) -> None:
    expect(page.locator("#badge")).to_have_attribute("data-state", "live", timeout=30_000)


def said(page: Page, call: str) -> str:
    """A message of the scripts, for example `newEntries(3)`."""
    text: str = page.evaluate(f"import('/static/js/messages.js').then(messages => messages.{call})")
    return text


def balance_of(page: Page, account: str) -> str | None:
    return page.locator(f'[id="account-{account}"] .balance data').get_attribute("value")


def deposit(page: Page, amount: str, note: str = "") -> None:
    page.fill("#amount", amount)
    page.fill("#note", note)
    page.get_by_role("button", name="Deposit").click()


def test_a_deposit_in_one_window_appears_in_another_within_a_second(
    opens: Opens, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1.00")["position"])
    dashboard, account, teller = opens("/"), opens(f"/accounts/{name}"), opens(f"/accounts/{name}")
    for page in (dashboard, account, teller):
        live(page)
    row = dashboard.locator(f'[id="account-{name}"] .balance data')
    holding = account.locator("#account-head .holding data")
    began = time.monotonic()
    deposit(teller, "2 500.50", "seen elsewhere")
    expect(row).to_have_attribute("value", "2501.50", timeout=SOON)
    took = time.monotonic() - began
    expect(holding).to_have_attribute("value", "2501.50", timeout=SOON)
    expect(account.locator("#history tr").nth(1)).to_contain_text("seen elsewhere")
    expect(dashboard.locator("#feed > li").nth(1)).to_contain_text(name)
    expect(teller.locator(".message")).to_contain_text("booked as #", timeout=SOON)
    expect(teller.locator("#amount")).to_have_value("")
    assert took < 1.0


def test_a_new_account_appears_on_top_of_the_list_and_its_row_is_marked(
    opens: Opens, api: Api, name: str
) -> None:
    dashboard = opens("/")
    live(dashboard)
    api.deposit(name, "10")
    first = dashboard.locator("#accounts tr[data-position]").first
    expect(first).to_have_attribute("id", f"account-{name}", timeout=SOON)
    expect(first).to_have_class("fresh")
    colour = first.evaluate("row => getComputedStyle(row).animationName")
    assert colour == "fresh"


def test_a_page_of_a_missing_account_shows_it_after_it_is_opened(opens: Opens, api: Api, name: str) -> None:
    page = opens(f"/accounts/{name}")
    expect(page.locator("#account-head")).to_contain_text("does not exist yet")
    live(page)
    api.deposit(name, "33.30")
    expect(page.locator("#account-head .holding data")).to_have_attribute("value", "33.30", timeout=SOON)
    expect(page.locator("#history tr[data-position]")).to_have_count(1)
    expect(page.locator("#history .empty")).to_be_hidden()


def test_a_page_that_reconnects_shows_what_it_missed(opens: Opens, whole: Stack, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    with proxied(whole.url) as line:
        page = opens(f"{line.url}/accounts/{name}")
        live(page)
        line.cut()
        expect(page.locator("#badge")).to_have_attribute("data-state", "reconnecting", timeout=SOON)
        for _ in range(3):
            booked = api.deposit(name, "1")
        api.shown(name, booked["position"])
        line.mend()
        live(page)
        expect(page.locator("#account-head .holding data")).to_have_attribute("value", "4.00", timeout=SOON)
        expect(page.locator("#history tr[data-position]")).to_have_count(4)


def test_a_tab_that_slept_shows_what_it_missed(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens(f"/accounts/{name}")
    live(page)
    for hidden in ("true", "false"):
        page.evaluate(f"Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        if hidden == "true":
            api.shown(name, api.deposit(name, "1")["position"])
            expect(page.locator("#badge")).to_have_attribute("data-state", "reconnecting", timeout=SOON)
    live(page)
    expect(page.locator("#account-head .holding data")).to_have_attribute("value", "2.00", timeout=SOON)


def test_a_half_open_connection_is_noticed_and_replaced(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    with proxied(whole.url) as line:
        page = opens("/nope")
        page.clock.install()
        page.goto(f"{line.url}/accounts/{name}")
        live(page)
        line.freeze()
        api.shown(name, api.deposit(name, "1")["position"])
        page.clock.fast_forward(30_000)
        expect(page.locator("#badge")).to_have_attribute("data-state", "reconnecting", timeout=SOON)
        line.mend()
        live(page)
        expect(page.locator("#account-head .holding data")).to_have_attribute("value", "2.00", timeout=SOON)


def test_pages_reconnect_by_themselves_after_the_web_process_was_killed(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    dashboard = opens("/")
    account = opens(f"/accounts/{name}", beside=dashboard)
    for page in (dashboard, account):
        live(page)
    whole.kill("app web")
    expect(dashboard.locator("#badge")).to_have_attribute("data-state", "reconnecting", timeout=SOON)
    whole.await_line(r"Web is up", 30)
    for page in (dashboard, account):
        live(page)
    api.deposit(name, "6")
    expect(dashboard.locator(f'[id="account-{name}"] .balance data')).to_have_attribute(
        "value", "7.00", timeout=SOON
    )
    expect(account.locator("#account-head .holding data")).to_have_attribute("value", "7.00", timeout=SOON)


def test_a_page_first_opened_while_live_updates_fail_becomes_live(opens: Opens, api: Api, name: str) -> None:
    page = opens("/nope")
    page.route("**/live?*", lambda route: route.abort())
    page.goto("/")
    expect(page.locator("#badge")).to_have_attribute("data-state", "connecting")
    page.unroute("**/live?*")
    live(page)
    api.deposit(name, "8")
    expect(page.locator(f'[id="account-{name}"]')).to_be_visible(timeout=SOON)


def test_when_the_projector_was_killed_pages_catch_up(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens(f"/accounts/{name}")
    live(page)
    whole.kill("app projector")
    api.deposit(name, "1")
    expect(page.locator("#account-head .holding data")).to_have_attribute("value", "2.00", timeout=30_000)


def test_figures_without_a_running_projector_are_not_called_up_to_date(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/")
    live(page)
    projector = whole.part("app projector")
    projector.suspend()
    try:
        expect(page.locator("#badge")).to_have_attribute("data-state", "stale", timeout=30_000)
        expect(page.locator("#models")).to_contain_text("Stale as of #", timeout=SOON)
        expect(opens("/", java_script_enabled=False).locator("#models")).to_contain_text("Stale as of #")
    finally:
        projector.resume()
    expect(page.locator("#models")).to_contain_text("Up to date", timeout=30_000)


def test_a_live_page_shows_the_rows_that_a_fresh_one_does(opens: Opens, api: Api, name: str) -> None:
    page = opens("/")
    live(page)
    for number in range(60):
        booked = api.deposit(f"{name}-{number % 55}", str(number + 1))
    expect(page.locator(f'[id="account-{name}-4"] .balance data')).to_have_attribute(
        "value", "65.00", timeout=SOON
    )
    api.shown(f"{name}-4", booked["position"])
    fresh = opens("/")
    for rows in ("#accounts tr[data-position]", "#feed li[data-position]"):
        seen, wanted = (_shown(one, rows) for one in (page, fresh))
        assert sorted(seen) == sorted(wanted)
    links = [one.locator("#accounts-pager a[rel=next]").get_attribute("href") for one in (page, fresh)]
    assert links[0] == links[1]


def _shown(page: Page, rows: str) -> list[str]:
    shown: list[str] = page.locator(rows).evaluate_all(
        "rows => rows.map(row => row.id + row.dataset.position + [...row.querySelectorAll('data')].map(d => d.value))"
    )
    return shown


def test_a_filtered_list_is_updated_too(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "5", currency="KWD")["position"])
    page = opens(f"/?balance_below=10&currency=KWD&q={name}")
    live(page)
    expect(page.locator(f'[id="account-{name}"]')).to_be_visible()
    api.deposit(name, "2", currency="KWD")
    value = page.locator(f'[id="account-{name}"] .balance data')
    expect(value).to_have_attribute("value", "7.000", timeout=SOON)
    api.deposit(name, "20", currency="KWD")
    expect(page.locator(f'[id="account-{name}"]')).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize(
    "fails", [lambda route: route.abort(), lambda route: route.fulfill(status=503, body="?")]
)
def test_a_filtered_list_reloads_after_a_lost_answer(
    opens: Opens, api: Api, name: str, fails: Callable[[Route], None]
) -> None:
    api.shown(name, api.deposit(name, "5")["position"])
    page = opens(f"/?q={name}")
    live(page)
    value = page.locator(f'[id="account-{name}"] .balance data')
    page.route("**/?q=*", fails, times=1)
    with page.expect_request("**/?q=*"):
        api.deposit(name, "2")
    expect(value).to_have_attribute("value", "5.00")
    expect(value).to_have_attribute("value", "7.00", timeout=SOON)


def test_a_filtered_list_left_by_a_killed_web_process_asks_again(
    opens: Opens, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "5")["position"])
    page = opens(f"/?q={name}")
    live(page)
    for _ in range(2):
        api.deposit(name, "1")
        page.wait_for_timeout(300)
    whole.kill("app web")
    expect(page.locator(f'[id="account-{name}"] .balance data')).to_have_attribute(
        "value", "7.00", timeout=30_000
    )


def test_the_badge_counts_the_time_since_the_last_event(opens: Opens, api: Api, name: str) -> None:
    page = opens("/")
    live(page)
    api.deposit(name, "1")
    words = re.escape(said(page, "ago(messages.seconds('@'))")).replace("@", r"[0-3]\.\d")
    expect(page.locator("#badge .age")).to_have_text(re.compile(f"^{words}$"), timeout=SOON)
