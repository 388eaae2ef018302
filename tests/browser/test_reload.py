"""With `up --reload`, open pages reload when a template has changed."""

import time
from pathlib import Path

from playwright.sync_api import Browser, expect

from app.setup.environment import ROOT
from tests.kit.stack import stack


def test_an_open_page_reloads_when_a_template_changes(chromium: Browser, tmp_path: Path) -> None:
    with stack(tmp_path, "--reload") as running:
        page = chromium.new_page(base_url=running.url)
        page.goto("/")
        expect(page.locator("#badge")).to_have_attribute("data-state", "live")
        time.sleep(1)  # until the watch has started, which prints no message
        with page.expect_event("load", timeout=20_000):
            (ROOT / "templates" / "base.html").touch()
        expect(page.locator("#badge")).to_have_attribute("data-state", "live")
        page.close()
