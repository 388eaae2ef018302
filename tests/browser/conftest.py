import os
import shutil
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.kit.stack import Stack, stack
from tests.kit.web import Api

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Opens = Callable[..., Page]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def api(whole: Stack) -> Iterator[Api]:
    made = Api(whole.url)
    yield made
    made.http.close()


@pytest.fixture(
    scope="module"
)  # Playwright keeps an event loop running in this thread, which async tests cannot share
def chromium() -> Iterator[Browser]:
    path = os.environ.get("DAYBOOK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "no Chromium: name one in DAYBOOK_CHROMIUM, or run the tests with ./daybook test"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opens(chromium: Browser, whole: Stack) -> Iterator[Opens]:
    """Opens a window with a page; `beside` another one, it is of the same browser. An error in a browser's console
    fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        cut = ("Failed to load resource", "Failed to fetch")
        expected = any(words in message.text for words in cut)
        if message.type == "error" and not expected:
            complaints.append(message.text)

    def open_window(path: str = "/", beside: Page | None = None, **options: object) -> Page:
        if beside is None:
            contexts.append(chromium.new_context(base_url=whole.url, **options))  # type: ignore[arg-type]
        page = (beside.context if beside else contexts[-1]).new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def name() -> str:
    return f"t-{uuid4().hex[:10]}"
