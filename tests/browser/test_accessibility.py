"""Every page as axe sees it, in light, dark and forced colours, and on a phone; and how wide it is."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opens
from tests.kit.web import Api

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
def paths(api: Api) -> list[str]:
    """Of all pages, with an account that has a holder, a hold, a transfer and a long balance."""
    name = f"t-{uuid4().hex[:10]}"
    api.post("/api/users", {"name": "Maximiliana Wolfeschlegelsteinhausenbergerdorff", "user_id": name})
    api.post("/api/accounts", {"account_id": name, "currency": "CZK", "user_id": name})
    entry = api.deposit(name, "9999999999998.99", note="a note", reference="R-1")["entry_id"]
    api.deposit(f"{name}-to", "1")
    api.booked(f"{name}/holds", amount="3")
    transfer = api.post("/api/transfers", {"from": name, "to": f"{name}-to", "amount": "2"}).json()
    api.shown(name, transfer["position"])
    account = f"/accounts/{name}"
    return [
        *("/", "/?open=1", "/?balance_below=1000", "/feed", account, f"{account}-new", f"{account}/holds"),
        *(
            f"{account}/entries/{entry}/reversal",
            f"{account}/transfer?q=t-",
            f"{account}/transfer?to={name}-to",
        ),
        *(
            "/transfers",
            f"/transfers/{transfer['transfer_id']}",
            "/users",
            "/users?create=1",
            f"/users/{name}",
        ),
        *("/trace", f"/trace?at={transfer['position']}", "/catalogue", "/api/schema", "/import", "/nope"),
    ]


def wrong(page: Page, rules: object) -> list[str]:
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", rules)
    return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.timeout(300)
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
