"""The pages' scripts: how they are loaded, and that their words and numbers come from the page's data attributes."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from domain.messages import account_already_exists
from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, deposit, live
from tests.kit.web import Api
from web import messages_on_accounts as messages
from web.http.rendering import BEAT_SECONDS, FEED_ITEMS, PAGE_ROWS

STATES = """
window.states = [];
document.addEventListener("live:state", () => setTimeout(() => states.push(document.body.dataset.state)));
"""


MESSAGES = """import("/static/js/messages.js").then(
  messages => Object.values(messages).filter(each => typeof each === "function").map(each => [each.name, each(7)])
)"""


def set_data(page: Page, selector: str, name: str, value: str) -> None:
    page.locator(selector).evaluate(f"(element, value) => {{ element.dataset.{name} = value }}", value)


def book(api: Api, account: str, entries: int) -> None:
    """Books one after the other, so that each comes in its own message."""
    for _ in range(entries):
        api.shown(account, api.deposit(account, "1")["position"])


def test_scripts_are_imported_from_the_folder_of_their_version(opens: Opens) -> None:
    page = opens("/nope")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    live(page)
    scripts = [url for url in asked if url.endswith(".js")]
    folders = {match[1] for url in scripts if (match := re.search(r"/static/([0-9a-f]{16})/", url))}
    assert len(scripts) > 5
    assert len(folders) == 1
    assert len(scripts) == len(set(scripts))


@pytest.mark.parametrize("slow", ["js/main.js", "view.js", "htmx.js"])
def test_the_first_connection_is_noticed_whichever_script_is_slow(opens: Opens, slow: str) -> None:
    page = opens("/nope")
    page.add_init_script(STATES)
    page.route(f"**/{slow}", lambda route: _after_a_second(page, route))
    page.goto("/", wait_until="commit")
    live(page)
    assert page.evaluate("states[0]") == "connecting"


def _after_a_second(page: Page, route: Route) -> None:
    page.wait_for_timeout(1000)
    route.continue_()


def test_without_its_own_scripts_a_page_is_still_updated(opens: Opens, api: Api, name: str) -> None:
    page = opens("/nope")
    page.route("**/feed.js", lambda route: route.abort())
    with page.expect_response("**/live?*"):
        page.goto("/")
    expect(page.locator("#badge")).to_contain_text("As of")
    api.deposit(name, "4")
    expect(page.locator(f'[id="account-{name}"]')).to_be_visible(timeout=SOON)


def test_numbers_come_from_the_server(opens: Opens) -> None:
    page = opens("/")
    expect(page.locator("#accounts")).to_have_attribute("data-most", str(PAGE_ROWS))
    expect(page.locator("#accounts-pager a[rel=next]")).to_have_text(f"Next {PAGE_ROWS}")
    expect(page.locator("#feed")).to_have_attribute("data-most", str(FEED_ITEMS))
    expect(page.locator("#live")).to_have_attribute("data-beat-seconds", str(BEAT_SECONDS))


def test_lists_are_as_long_as_their_attribute_says(opens: Opens, api: Api, name: str) -> None:
    book(api, name, 4)
    page = opens(f"/accounts/{name}")
    live(page)
    set_data(page, "#history", "most", "3")
    booked = api.deposit(name, "7")
    rows = page.locator("#history > [data-position]")
    expect(rows.first).to_have_attribute("data-position", str(booked["position"]), timeout=SOON)
    expect(rows).to_have_count(3)
    last = rows.last.get_attribute("data-position")
    older = page.locator("#history-pager a[rel=next]")
    expect(older).to_have_attribute("href", f"/accounts/{name}?before={last}")
    older.click()
    expect(page.locator("#history-older > [data-position]")).to_have_count(2)


def test_a_pause_keeps_no_more_than_the_list_can_show(opens: Opens, api: Api, name: str) -> None:
    book(api, name, 2)
    page = opens("/")
    live(page)
    number = page.locator("#feed > [data-position]").first.get_attribute("data-number")
    set_data(page, "#feed", "most", "3")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#feed-state")).to_have_text(f"Paused at {number}")
    book(api, name, 5)
    pill = page.locator("#feed-pill")
    expect(pill).to_have_text("3 or more new entries", timeout=SOON)
    page.get_by_role("button", name="Resume").click()
    expect(pill).to_be_hidden()
    positions = page.locator("#feed > [data-position]")
    expect(positions).to_have_count(3)
    expect(page.locator("#feed").get_by_text(re.compile(rf"account-{name}/[765] "))).to_have_count(3)
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "false")


def test_a_region_that_comes_whole_while_paused_waits_too(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/")
    live(page)
    page.keyboard.press("p")
    page.evaluate(
        """html => htmx.swap({ text: html, swap: "none", target: document.body,
                               sourceElement: document.getElementById("live") })""",
        '<hx-partial hx-target="#feed" hx-swap="innerMorph"><li id="event-x" data-position="9000000000000000">'
        "</li></hx-partial>"
        '<hx-partial hx-target="#accounts-count" hx-swap="innerMorph">12</hx-partial>',
    )
    expect(page.locator("#accounts-count")).to_have_text("12")
    expect(page.locator("#feed-pill")).to_have_text("1 or more new entries")
    expect(page.locator("#event-x")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator("#feed > li")).to_have_count(1)
    expect(page.locator("#event-x")).to_have_count(1)


def test_the_badge_uses_the_words_of_the_server(opens: Opens) -> None:
    page = opens("/")
    live(page)
    badge = page.locator("#badge")
    words = [badge.get_attribute(f"data-{state}") or "?" for state in ("live", "offline")]
    expect(badge.locator(".state")).to_have_text(words[0])
    page.context.set_offline(True)
    expect(badge.locator(".state")).to_have_text(words[1], timeout=SOON)
    page.context.set_offline(False)
    live(page)


def test_a_form_without_an_answer_says_so_and_books_once_when_it_is_sent_again(
    opens: Opens, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens(f"/accounts/{name}")
    live(page)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    words = page.locator("#entry-form").get_attribute("data-unanswered")
    assert words
    page.route("**/entries", lose_the_answer, times=1)
    deposit(page, "5")
    expect(page.locator(".message .error")).to_have_text(words, timeout=SOON)
    expect(page.locator("#amount")).to_have_value("5")
    page.get_by_role("button", name="Deposit").click()
    expect(page.locator(".message")).to_contain_text(
        messages.deposited_before("5.00 CZK", name), timeout=SOON
    )
    expect(page.locator("#account-head .holding data")).to_have_attribute("value", "6.00", timeout=SOON)


def test_a_reloaded_page_leads_to_the_opened_account_until_an_entry_is_refused(
    opens: Opens, name: str
) -> None:
    page = opens("/?open=1")
    live(page)
    page.fill("#account_id", name)
    deposit(page, "5")
    link = page.get_by_role("link", name=f"Go to account {name}")
    expect(link).to_be_visible(timeout=SOON)
    page.reload()
    expect(link).to_be_visible()
    page.fill("#account_id", name)
    deposit(page, "5")
    expect(page.locator(".message")).to_contain_text(account_already_exists(name), timeout=SOON)
    assert page.url.endswith("/?open=1")
    page.reload()
    expect(page.locator(".message")).to_have_text("")


def test_a_message_of_the_scripts_shows_what_it_is_given(opens: Opens) -> None:
    filled = dict(opens("/nope").evaluate(MESSAGES))
    assert len(filled) > 5
    assert {name: text for name, text in filled.items() if "7" not in text} == {}
    assert not {"$", "{", "}"} & set("".join(filled.values()))


def test_escape_closes_the_menu(opens: Opens) -> None:
    page = opens("/", viewport={"width": 390, "height": 844})
    summary = page.get_by_text("Menu", exact=True)
    summary.click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(summary).to_be_focused()
