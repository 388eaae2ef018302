"""Rows that move: not under a hand, and otherwise not one by one."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, balance_of, live
from tests.kit.stack import PROJECT, Stack
from tests.kit.web import Api
from web.http.rendering import PAGE_ROWS

MOST_SHIFT = 0.05
ACCOUNTS = 150
LINES = 3_000

OBSERVE = """
window.shifts = [];
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  const moved = entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName);
  if (!entry.hadRecentInput) shifts.push({ value: entry.value, moved });
})).observe({ type: "layout-shift" });
"""
FRAMES = """
window.frames = 0;
requestAnimationFrame(function count() {
  window.frames += 1;
  look();
  requestAnimationFrame(count);
});
document.addEventListener("htmx:after:swap", look);
window.passes = [];
let before = new Map();
function look() {
  const now = new Map();
  for (const list of document.querySelectorAll("[data-rows]")) {
    const rows = [...list.querySelectorAll(":scope > [data-position]")];
    for (const row of rows) now.set(row.id, row.getBoundingClientRect().top);
    const ids = rows.map(({ id }) => id).filter(id => before.has(id));
    ids.sort((one, other) => now.get(one) - now.get(other));
    passes.push(...ids.slice(1).filter((id, at) => before.get(id) < before.get(ids[at])));
  }
  before = now;
}
"""
"""`passes`: rows that are below another one after a swap or in a frame, and were above it before. A row that is put
elsewhere is a new element, whose move the browser does not count as a shift."""


def box(row: Locator) -> dict[str, float]:
    found: dict[str, float] = row.evaluate("row => row.getBoundingClientRect().toJSON()")
    return found


def watched(page: Page) -> Page:
    page.evaluate(OBSERVE + FRAMES)
    return page


def shift(page: Page) -> float:
    """The sum since `watched`, of a page that was drawn meanwhile."""
    assert page.evaluate("frames") > 1
    total: float = page.evaluate("shifts.reduce((sum, { value }) => sum + value, 0)")
    return total


def test_while_many_entries_are_booked_no_row_is_pushed_by_another(
    opens: Opens, whole: Stack, api: Api, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "entries.csv"
    lines = [f"{name}-{number % ACCOUNTS},2026-09-01,12.50,n{number}\n" for number in range(LINES)]
    file.write_text("account,date,amount,note\n" + "".join(lines))
    for number in range(60):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-59", booked["position"])
    pages = [opens("/"), opens(f"/accounts/{name}-0")]
    for page in pages:
        live(page)
        watched(page)
    for number in range(20):
        api.deposit(f"{name}-{number % 2 * 70}", "1")
    command = [sys.executable, "-m", "app", "import", str(file), "--data", str(whole.data)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    expect(pages[1].locator("#account-head .holding data")).to_have_attribute(
        "value", "261.00", timeout=30_000
    )
    moved = [page.evaluate("shifts") for page in pages]
    assert [page.evaluate("passes") for page in pages] == [[], []]
    assert [shift(page) <= MOST_SHIFT for page in pages] == [True, True], moved
    assert pages[0].locator("#accounts > [data-position]").count() == PAGE_ROWS


def test_of_new_rows_in_quick_succession_only_the_first_comes_on_top(
    opens: Opens, api: Api, name: str
) -> None:
    for number in range(PAGE_ROWS):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-{number}", booked["position"])
    page = opens("/")
    live(page)
    page.evaluate("performance.now = () => 1e6")  # no time passes
    before = ids(page)
    for new in ("a", "b", "c"):
        api.deposit(f"{name}-{new}", "1")
        expect(page.locator(f'[id="account-{name}-{new}"]')).to_be_visible(timeout=SOON)
    first, second, third = (f"account-{name}-{new}" for new in ("a", "b", "c"))
    assert ids(page) == [first, *before[:-3], third, second]


def ids(page: Page) -> list[str]:
    found: list[str] = page.locator("#accounts > [data-position]").evaluate_all(
        "rows => rows.map(row => row.id)"
    )
    return found


def test_rows_under_the_mouse_stay_and_new_ones_wait(opens: Opens, api: Api, name: str) -> None:
    for number in range(4):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-3", booked["position"])
    page = opens("/")
    live(page)
    row = page.locator(f'[id="account-{name}-1"]')
    row.hover()
    before = box(row)
    for number in (9, 1, 8):
        api.deposit(f"{name}-{number}", "1")
    pill = page.locator("#accounts-pill")
    expect(pill).to_have_text("2 new rows", timeout=SOON)
    expect(page.locator("#accounts-state")).to_contain_text("Paused at #")
    assert balance_of(page, f"{name}-1") == "2.00"
    assert box(row) == before
    page.locator("h2").first.hover()
    expect(page.locator("#accounts > [data-position]").first).to_have_id(f"account-{name}-8", timeout=SOON)
    expect(pill).to_be_hidden()
    expect(page.locator("#accounts-state")).to_have_text("Sorted by last change when opened")


def test_rows_under_a_finger_stay_until_it_is_lifted(opens: Opens, api: Api, name: str) -> None:
    for number in range(3):
        booked = api.deposit(f"{name}-{number}", "1")
    api.shown(f"{name}-2", booked["position"])
    page = opens("/", has_touch=True)
    live(page)
    finger = page.context.new_cdp_session(page)
    place = page.locator(f'[id="account-{name}-1"] .changed')
    before = box(place)
    point = {"x": before["x"] + 5, "y": before["y"] + 5}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    api.deposit(f"{name}-9", "1")
    expect(page.locator("#accounts-pill")).to_have_text("1 new row", timeout=SOON)
    assert box(place) == before
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#accounts > [data-position]").first).to_have_id(f"account-{name}-9", timeout=SOON)


def test_the_pill_is_in_sight_while_a_scrolled_list_waits(opens: Opens, api: Api, name: str) -> None:
    for _ in range(30):
        booked = api.deposit(name, "1")
    api.shown(name, booked["position"])
    for path, pill in (("/", "#feed-pill"), (f"/accounts/{name}", "#history-pill")):
        page = opens(path, viewport={"width": 1280, "height": 500})
        live(page)
        page.evaluate("scrollBy(0, 700)")
        api.deposit(name, "1")
        expect(page.locator(pill)).to_have_text("1 new entry", timeout=SOON)
        expect(page.locator(pill)).to_be_in_viewport()
        page.locator(pill).click()
        expect(page.locator(pill)).to_be_hidden()
