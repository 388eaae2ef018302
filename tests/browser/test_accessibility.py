"""Every page as axe sees it, in light, dark and forced colours, and on a phone; and how wide it is."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opens
from tests.kit.projector import until
from tests.kit.stack import Stack
from tests.kit.web import Api
from tests.web.imports.kit import Importer, statement

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
OF_SIZES = {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}
LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
PHONE, ZOOMED = 320, 640
"""Widths in px: a small phone; a window of 1,280 at 200 %."""


@pytest.fixture(scope="module")
def paths(whole: Stack, api: Api) -> list[str]:
    """Of all pages, with an account that has a holder, a hold, a transfer and a long balance."""
    name = f"t-{uuid4().hex[:10]}"
    api.post("/api/users", {"name": "Maximiliana Wolfeschlegelsteinhausenbergerdorff", "user_id": name})
    api.post("/api/accounts", {"account_id": name, "currency": "CZK", "user_id": name})
    entry = api.deposit(name, "9999999999998.99", note="a note", reference="R-1")["entry_id"]
    api.deposit(f"{name}-to", "1")
    api.booked(f"{name}/holds", amount="3")
    account, transfer = f"/accounts/{name}", _transfer(api, name)
    return [
        *("/", "/?open=1", "/?balance_below=1000", "/feed", account, f"{account}-new", f"{account}/holds"),
        *(f"{account}/{action}" for action in ("freeze", "close", "overdraft")),
        *(
            f"{account}/entries/{entry}/reversal",
            f"{account}/transfer?q=t-",
            f"{account}/transfer?to={name}-to",
        ),
        *("/transfers", f"/transfers/{transfer}", f"/transfers/{transfer}/reversal"),
        *("/users", "/users?create=1", f"/users/{name}"),
        *("/trace", f"/trace/{name}", "/catalogue", "/api/schema", "/nope"),
        *("/import", *_imports(whole.url, name)),
    ]


def _transfer(api: Api, name: str) -> str:
    """The id of one that is complete. Its correlation id is `name`."""
    body = {"from": name, "to": f"{name}-to", "amount": "2"}
    sent = api.http.post("/api/transfers", json=body, headers={"X-Correlation-ID": name}).json()
    transfer = str(sent["transfer_id"])
    until(lambda: api.http.get(f"/api/transfers/{transfer}").json()["state"] == "completed")
    return transfer


def _imports(url: str, name: str) -> list[str]:
    """Of a file that was booked, of a check that holds a line back, and of a file that cannot be read."""
    importer = Importer(url)
    booked = importer.book(importer.check(statement(f"{name}-in", "rent", "food")))
    held = importer.check(statement(f"{name}-in", "rent", "other food"))
    failed = importer.check("no file of a bank")
    importer.http.close()
    return [booked, held, failed]


def wrong(page: Page, rules: object) -> list[str]:
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", rules)
    return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.timeout(600)
def test_axe_finds_nothing_wrong_and_no_page_scrolls_sideways(opens: Opens, paths: list[str]) -> None:
    page = opens("/nope", viewport={"width": 1280, "height": 900})
    complaints = []
    for path in paths:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path)
        page.evaluate(AXE)
        complaints += [f"{path} {each}" for each in wrong(page, RULES)]
        for look, media in LOOKS.items():
            page.emulate_media(**media)
            complaints += [f"{path} ({look}) {each}" for each in wrong(page, OF_COLOURS)]
        page.emulate_media(color_scheme="light", forced_colors="none")
        for width in (ZOOMED, PHONE):
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                complaints.append(f"{path} is wider than {width}")
        complaints += [f"{path} (phone) {each}" for each in wrong(page, OF_SIZES)]
    assert complaints == []
