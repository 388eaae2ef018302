"""Reading without interruption, keys, forms without JavaScript, a phone."""

from playwright.sync_api import Route, expect

from domain.messages import insufficient_funds
from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, live
from tests.kit.web import Api
from web import messages_on_accounts as messages
from web.http.formats import money

SENDING = "import('/static/js/messages.js').then(messages => messages.SENDING)"


def test_a_paused_feed_waits_and_then_shows_all(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/")
    live(page)
    page.keyboard.press("p")
    expect(page.locator("#feed-state")).to_contain_text("Paused at #")
    for _ in range(3):
        api.deposit(name, "2", note="behind the pill")
    pill = page.locator("#feed-pill")
    expect(pill).to_have_text("3 new entries", timeout=SOON)
    expect(page.locator("#feed")).not_to_contain_text("behind the pill")
    expect(page.locator(f'[id="account-{name}"] .balance data')).to_have_attribute("value", "7.00")
    pill.click()
    expect(page.locator("#feed > li").filter(has_text="behind the pill")).to_have_count(3)
    expect(page.locator("#feed-state")).to_have_text("Newest first")
    expect(pill).to_be_hidden()


def test_the_feed_pauses_while_the_user_reads_older_entries_and_continues_at_the_top(
    opens: Opens, api: Api, name: str
) -> None:
    for _ in range(30):
        booked = api.deposit(name, "1")
    api.shown(name, booked["position"])
    page = opens("/", viewport={"width": 1280, "height": 500})
    live(page)
    box = page.locator("#feed-scroll")
    box.evaluate("box => { box.scrollTop = 300 }")
    expect(page.locator("#feed-state")).to_contain_text("Paused at #")
    api.deposit(name, "1", note="while reading")
    expect(page.locator("#feed-pill")).to_have_text("1 new entry", timeout=SOON)
    assert box.evaluate("box => box.scrollTop") == 300
    box.evaluate("box => { box.scrollTop = 0 }")
    expect(page.locator("#feed > li").nth(1)).to_contain_text("while reading")


def test_selecting_text_pauses_the_feed(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/")
    live(page)
    page.locator("#feed .where").first.select_text()
    expect(page.locator("#feed-state")).to_contain_text("Paused at #")
    page.evaluate("getSelection().removeAllRanges()")
    expect(page.locator("#feed-state")).to_have_text("Newest first")


def test_lists_stay_as_long_as_they_were(opens: Opens, api: Api, name: str) -> None:
    page = opens("/")
    live(page)
    for number in range(70):
        booked = api.deposit(f"{name}-{number}", "1")
    expect(page.locator(f'[id="account-{name}-69"]')).to_be_visible(timeout=SOON)
    api.shown(f"{name}-69", booked["position"])
    assert page.locator("#accounts tr[data-position]").count() == 50
    assert page.locator("#feed li[data-position]").count() == 30


def test_keys_search_walk_and_help(opens: Opens, api: Api, name: str) -> None:
    for number in range(3):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-2", booked["position"])
    page = opens("/")
    live(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f'[id="to-{name}-1"]')).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    api.deposit(f"{name}-1", "1")
    expect(page.locator(f'[id="account-{name}-1"] .balance data')).to_have_attribute(
        "value", "2.00", timeout=SOON
    )
    expect(page.locator(f'[id="to-{name}-1"]')).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(f'[id="to-{name}-2"]')).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type(f"{name}-0")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/accounts/{name}-0")
    for key, path in (("a", "/"), ("t", "/transfers"), ("f", "/feed")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**{path}")


def test_the_page_of_the_feed_is_live_and_has_the_same_keys(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/feed")
    live(page)
    api.deposit(name, "2", note="seen on its own page")
    newest = page.locator("#feed > [data-position]").first
    expect(newest).to_contain_text("seen on its own page", timeout=SOON)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(newest.locator(f'a[href="/accounts/{name}"]')).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#feed-state")).to_contain_text("Paused at #")


def test_a_form_says_that_it_is_being_sent(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "5")["position"])
    page = opens(f"/accounts/{name}")
    live(page)
    held: list[Route] = []
    page.route("**/entries", lambda route: held.append(route))
    page.fill("#amount", "1250,50")
    page.get_by_role("button", name="Deposit").click()
    expect(page.locator(".message")).to_have_text(page.evaluate(SENDING))
    held[0].continue_()
    expect(page.locator(".message")).to_contain_text(
        messages.deposited(f"{money(125_050, 'CZK')} CZK", name), timeout=SOON
    )


def test_an_account_is_opened_from_the_first_page_without_leaving_it(opens: Opens, name: str) -> None:
    page = opens("/")
    live(page)
    opener = page.locator("#opener > summary")
    expect(page.locator("#entry-form")).to_be_hidden()
    opener.click()
    expect(page.locator("#account_id")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#entry-form")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.press("Enter")
    page.fill("#account_id", name)
    page.fill("#amount", "1 000")
    page.get_by_role("button", name="Deposit").click()
    expect(page.locator(".message")).to_contain_text(
        messages.deposited(f"{money(100_000, 'CZK')} CZK", name), timeout=SOON
    )
    expect(page.locator(f'[id="account-{name}"] .balance data')).to_have_attribute(
        "value", "1000.00", timeout=SOON
    )
    expect(page.locator("#account_id")).to_have_value("")
    expect(page.locator("#account_id")).to_be_focused()


def test_a_refusal_is_shown_next_to_the_field_and_the_form_keeps_its_values(
    opens: Opens, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "5")["position"])
    page = opens(f"/accounts/{name}")
    live(page)
    page.fill("#amount", "1,500")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#amount-error")).to_be_visible(timeout=SOON)
    expect(page.locator("#amount")).to_have_value("1,500")
    expect(page.locator("#amount")).to_be_focused()
    page.fill("#amount", "6")
    page.get_by_role("button", name="Withdraw").click()
    refusal = insufficient_funds(name, "5.00", "CZK", "6.00", "5.00", "0.00", "0.00")
    expect(page.locator(".message .error")).to_have_text(refusal, timeout=SOON)


def test_everything_works_without_javascript(opens: Opens, name: str) -> None:
    page = opens("/", java_script_enabled=False)
    page.get_by_text("Open account", exact=True).click()
    page.fill("#account_id", name)
    page.fill("#amount", "250.75")
    page.get_by_role("button", name="Deposit").click()
    expect(page.locator("#account-head .holding")).to_contain_text("250.75")
    page.fill("#amount", "300")
    page.get_by_role("button", name="Withdraw").click()
    refusal = insufficient_funds(name, "250.75", "CZK", "300.00", "250.75", "0.00", "0.00")
    expect(page.locator(".message")).to_contain_text(refusal)
    page.fill("#amount", "50.75")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#account-head .holding")).to_contain_text("200.00")
    expect(page.locator("#history tr[data-position]")).to_have_count(2)
    expect(page.locator("#badge")).to_contain_text("As of")


def test_a_phone_shows_amounts_and_balances_without_scrolling_sideways(
    opens: Opens, api: Api, name: str
) -> None:
    api.deposit(name, "9999999999998.99")
    api.shown(name, api.deposit(name, "1")["position"])
    for path in ("/", f"/accounts/{name}", "/nope", "/?open=1", "/?balance_below=1000", "/catalogue"):
        for width in (390, 320):
            page = opens(path, viewport={"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    page = opens("/", viewport={"width": 390, "height": 844})
    row = page.locator(f'[id="account-{name}"]')
    for part in (".balance data", ".last-cell data"):
        expect(row.locator(part)).to_be_visible()
        assert row.locator(part).evaluate(
            "cell => cell.parentElement.scrollWidth <= cell.parentElement.clientWidth"
        )
    page.get_by_text("Menu").click()
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_reduced_motion_is_obeyed(opens: Opens, api: Api, name: str) -> None:
    page = opens("/", reduced_motion="reduce")
    live(page)
    api.deposit(name, "10")
    row = page.locator(f'[id="account-{name}"]')
    expect(row).to_be_visible(timeout=SOON)
    assert row.evaluate("row => getComputedStyle(row).animationName") == "none"
