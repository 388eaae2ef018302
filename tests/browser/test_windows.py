"""Many windows of one browser: they share one stream of live updates, and a window that leads may go at any time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from app.setup.debian import FIREFOX
from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, deposit, live
from tests.browser.test_scripts import STATES
from tests.kit.bidi import Firefox, Tab, firefox
from tests.kit.stack import Stack
from tests.kit.web import Api

EIGHT: Final = 8
STREAMS_ALONE: Final = 5
"""How many windows have a stream of their own if they cannot share one."""
NO_SHARING = """
Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
delete window.BroadcastChannel;
"""
NO_STORAGE = "delete window.localStorage;"
"""Without it, a window without locks has no stream either, and asks."""
FEW_TOPICS = """
document.addEventListener("DOMContentLoaded", () => {
  const live = document.getElementById("live");
  if (live) live.dataset.mostTopics = "2";
});
"""
BOOKING = """
document.querySelector("#amount").value = "1";
document.querySelector("#entry-form button.primary").click();
"""
LIVE = "document.body.dataset.state === 'live'"
BUSY = "setTimeout(() => { const end = Date.now() + 3000; while (Date.now() < end); })"

Streams = dict[Request, Page]


@pytest.fixture
def streams() -> Streams:
    """The open streams of the watched pages. A question that is answered and over is none."""
    return {}


def watch(page: Page, streams: Streams) -> None:
    def opened(request: Request) -> None:
        if urlsplit(request.url).path == "/live" and "once" not in parse_qs(urlsplit(request.url).query):
            streams[request] = page

    def ended(request: Request) -> None:
        streams.pop(request, None)

    def gone(page: Page) -> None:
        for request in [request for request, owner in streams.items() if owner is page]:
            del streams[request]

    page.on("request", opened)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    page.on("close", gone)
    page.on("crash", gone)


def windows(opens: Opens, streams: Streams, paths: Sequence[str], script: str = "") -> list[Page]:
    """Windows of one browser, all live."""
    pages = [opens("/nope")]
    pages += [opens("/nope", beside=pages[0]) for _ in paths[1:]]
    pages[0].context.add_init_script(script)
    for page, path in zip(pages, paths, strict=True):
        watch(page, streams)
        page.goto(path)
    for page in pages:
        live(page)
    return pages


def leader(streams: Streams) -> Page:
    (page,) = streams.values()
    return page


def shows(page: Page, account: str, amount: int) -> None:
    """A page of the account or a list shows its balance."""
    figure = page.locator(f'#account-head .holding data, [id="account-{account}"] .balance data')
    expect(figure).to_have_attribute("value", f"{amount}.00", timeout=SOON)


def test_eight_windows_share_a_stream_and_miss_nothing_whatever_happens_to_the_one_that_leads(
    opens: Opens, api: Api, streams: Streams, name: str
) -> None:
    other = f"{name}-2"
    for account in (name, other):
        booked = api.deposit(account, "1")
    api.shown(other, booked["position"])
    ways = ["/", f"/accounts/{name}", f"/accounts/{other}", f"/?q={name}", *[f"/accounts/{name}"] * 4]
    pages = windows(opens, streams, ways)
    assert len(streams) == 1
    amounts = {name: 1, other: 1}
    book(accounts(pages))
    for page in accounts(pages):
        amounts[account_of(page)] += 1
    for lose in (Page.close, crash, be_busy, leave):
        lost = leader(streams)
        lose(lost)
        for account in amounts:
            api.deposit(account, "1")
            amounts[account] += 1
        if lose is not be_busy:
            pages.remove(lost)
        for page in pages:
            shows(page, account_of(page) or name, amounts[account_of(page) or name])
            live(page)
    assert len(streams) == 1
    entries = {account_of(page): page.locator("#history tr[data-position]") for page in accounts(pages)}
    for account, rows in entries.items():
        expect(rows).to_have_count(amounts[account])


def accounts(pages: Sequence[Page]) -> list[Page]:
    return [page for page in pages if account_of(page)]


def account_of(page: Page) -> str:
    """The account of an account's page; "" on a list."""
    return urlsplit(page.url).path.removeprefix("/accounts/").strip("/")


def book(pages: Sequence[Page]) -> None:
    for page in pages:
        deposit(page, "1")
    for page in pages:
        expect(page.locator(".message")).to_contain_text("booked as #", timeout=SOON)


def crash(page: Page) -> None:
    with page.expect_event("crash"), pytest.raises(Exception, match="chrome://crash"):
        page.goto("chrome://crash")


def be_busy(page: Page) -> None:
    """Its scripts hang for some seconds. Afterwards, it shows what the others do."""
    page.evaluate(BUSY)


def leave(page: Page) -> None:
    page.goto("/catalogue")


def test_without_locks_five_windows_have_streams_and_the_others_ask_and_book(
    opens: Opens, api: Api, streams: Streams, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    pages = windows(opens, streams, [f"/accounts/{name}"] * EIGHT, NO_SHARING)
    assert len(streams) == STREAMS_ALONE
    book(pages)
    for page in pages:
        shows(page, name, 1 + EIGHT)
    leading = next(iter(streams.values()))
    leading.close()
    pages.remove(leading)
    expect_streams(pages[0], streams, STREAMS_ALONE)
    api.deposit(name, "1")
    for page in pages:
        shows(page, name, 2 + EIGHT)
        live(page)


@pytest.mark.parametrize("script", ["", FEW_TOPICS], ids=["refused", "known"])
def test_a_window_whose_topics_the_shared_stream_cannot_have_asks(
    opens: Opens, api: Api, streams: Streams, name: str, script: str
) -> None:
    """The server refuses topics of two accounts together, or the page says that it does."""
    other = f"{name}-2"
    for account in (name, other):
        booked = api.deposit(account, "1")
    api.shown(other, booked["position"])
    pages = windows(opens, streams, [f"/accounts/{name}"], script)
    pages[0].context.route("**/live?*", refuse_three_topics)
    pages += [opens("/nope", beside=pages[0])]
    pages[1].goto(f"/accounts/{other}")
    live(pages[1])
    book(pages)
    for page in pages:
        shows(page, account_of(page), 2)


def refuse_three_topics(route: Route) -> None:
    topics = parse_qs(urlsplit(route.request.url).query)["topics"][0]
    if len(topics.split(",")) > 2:
        route.fulfill(status=400)
    else:
        route.continue_()


def test_a_window_that_asks_waits_for_a_slow_answer_and_stays_live(opens: Opens, api: Api, name: str) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/nope")
    page.add_init_script(NO_SHARING + NO_STORAGE + STATES)
    page.clock.install()
    page.goto(f"/accounts/{name}")
    live(page)
    held: list[Route] = []
    page.route("**/live?*", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/live?*"):
        page.clock.run_for(3_000)
    page.clock.run_for(10_000)
    api.shown(name, api.deposit(name, "1")["position"])
    page.evaluate("states.length = 0")
    held[0].continue_()
    shows(page, name, 2)
    page.clock.run_for(3_000)
    assert set(page.evaluate("states")) == {"live"}


def test_a_stream_that_gets_other_topics_has_its_own_time_to_connect(
    opens: Opens, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    page = opens("/nope")
    page.clock.install()
    page.goto("/")
    live(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.route("**/live?*", lambda route: None)  # no answer
    page.clock.fast_forward(22_000)  # the next heartbeat is almost overdue
    with page.expect_request("**/live?*"):
        opens(f"/accounts/{name}", beside=page)
    page.clock.run_for(4_000)
    assert set(asked) == {"/live"}


def expect_streams(page: Page, streams: Streams, count: int) -> None:
    for _ in range(100):
        if len(streams) == count:
            return
        page.wait_for_timeout(100)
    assert len(streams) == count


@pytest.fixture
def foxes(tmp_path: Path) -> Iterator[Firefox]:
    program = FIREFOX.known() or pytest.skip(FIREFOX.absent)
    with firefox(program, tmp_path) as running:
        yield running


def test_in_firefox_windows_on_one_page_are_live_and_book_with_locks_and_without(
    foxes: Firefox, whole: Stack, api: Api, name: str
) -> None:
    api.shown(name, api.deposit(name, "1")["position"])
    tabs = opened(foxes, EIGHT, f"{whole.url}/accounts/{name}")
    for tab in tabs:
        tab.value(BOOKING)
    for tab in tabs:
        tab.until("document.querySelector('.message').textContent.includes('booked as #')")
    tabs.pop(0).close()
    foxes.runs_first(NO_SHARING)
    tabs += opened(foxes, 2, f"{whole.url}/accounts/{name}")
    api.deposit(name, "1")
    for tab in tabs:
        tab.until(f"document.querySelector('#account-head .holding data').value === '{2 + EIGHT}.00'")
        tab.until(LIVE)


def opened(foxes: Firefox, count: int, url: str) -> list[Tab]:
    tabs = [foxes.window() for _ in range(count)]
    for tab in tabs:
        tab.open(url)
    for tab in tabs:
        tab.until(LIVE)
    return tabs
