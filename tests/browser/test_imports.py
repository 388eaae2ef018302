"""An import on the pages: a file is dropped or chosen, looked at, booked; every window follows; phones fit."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.browser.test_live_pages import live
from tests.browser.test_scripts import set_data
from tests.browser.test_transfers import PHONE, no_wider_than_the_window
from tests.web.imports.kit import statement
from web.imports.view import TOO_LARGE

PATIENCE = 30_000
"""Milliseconds: each import is a process of its own."""

DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/csv" }));
  return data;
}"""


def drop(page: Page, name: str, text: str) -> None:
    data = page.evaluate_handle(DROP, [name, text])
    for event in ("dragover", "drop"):
        page.dispatch_event("[data-drop]", event, {"dataTransfer": data})


def choose(page: Page, folder: Path, text: str, name: str = "bank.csv") -> None:
    (folder / name).write_text(text)
    page.set_input_files("#file", folder / name)


def test_a_dropped_file_is_looked_at_and_booked_and_every_window_follows(opens: Opens, name: str) -> None:
    page = opens("/import")
    drop(page, "dropped.csv", statement(name, "rent", "food"))
    assert page.input_value("#file").endswith("dropped.csv")
    page.get_by_role("button", name="Check the file").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("dropped.csv")
    expect(page.get_by_role("button", name="Book 2 lines")).to_be_visible(timeout=PATIENCE)
    other, listed = opens(page.url), opens("/import")
    live(other)
    live(listed)
    page.get_by_role("button", name="Book 2 lines").press("Enter")
    for window in (page, other):
        expect(window.locator("#import .chip").first).to_have_text("booked", timeout=PATIENCE)
        expect(window.locator(".import-figures")).to_contain_text("Booked")
    row = listed.locator(f"#import-{page.url.rpartition('/')[2].partition('?')[0]}")
    expect(row.locator("td.state")).to_have_text("booked", timeout=PATIENCE)


def test_a_page_without_javascript_checks_and_books(opens: Opens, tmp_path: Path, name: str) -> None:
    page = opens("/import", java_script_enabled=False)
    choose(page, tmp_path, statement(name, "rent"))
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Book 1 line").click()  # the page reloads itself until it is there
    expect(page.locator("#import .chip").first).to_have_text("booked", timeout=PATIENCE)
    assert re.search(r"/imports/[0-9a-f-]{36}", page.url)


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(opens: Opens, tmp_path: Path) -> None:
    page = opens("/import")
    set_data(page, "#file", "largest", "10")
    choose(page, tmp_path, "longer than that")
    expect(page.locator(".drop .error")).to_have_text(TOO_LARGE)
    page.get_by_role("button", name="Check the file").click()
    assert page.url.endswith("/import")
    choose(page, tmp_path, "short", "short.csv")
    expect(page.locator(".drop .error")).to_have_count(0)
    assert page.locator("#file").evaluate("input => input.validity.valid")


def test_a_form_with_a_file_says_that_the_file_is_being_sent(opens: Opens, tmp_path: Path) -> None:
    page = opens("/import")
    choose(page, tmp_path, "not sent")
    page.evaluate("addEventListener('submit', event => event.preventDefault())")  # so that the page stays
    page.get_by_role("button", name="Check the file").click()
    words = page.locator("#file-form").get_attribute("data-sending")
    assert words
    expect(page.locator("#file-form > .message")).to_have_text(words)


def test_a_new_import_waits_while_the_list_is_under_the_mouse(
    opens: Opens, tmp_path: Path, name: str
) -> None:
    page, other = opens("/import"), opens("/import")
    check(other, tmp_path, statement(name, "rent"))
    rows = page.locator("#imports [data-position]")
    live(page)
    page.reload()
    live(page)
    rows.first.hover()
    first = rows.first.get_attribute("id")
    other.goto("/import")
    check(other, tmp_path, statement(name, "food"))
    pill = page.locator("#imports-pill")
    expect(pill).to_have_text("1 new row", timeout=PATIENCE)
    expect(rows.first).to_have_id(first or "")
    pill.click()
    expect(rows.nth(1)).to_have_id(first or "")
    page.mouse.move(0, 0)
    expect(pill).to_be_hidden()


def check(page: Page, folder: Path, text: str) -> None:
    choose(page, folder, text)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#import .chip").first).to_have_text("checked", timeout=PATIENCE)


def test_reports_with_long_notes_and_ids_fit_on_a_phone(opens: Opens, tmp_path: Path, name: str) -> None:
    account = name + "x" * (64 - len(name))
    for notes in (("W" * 200,), ("wide " * 30, "food")):
        page = opens("/import", **PHONE)
        choose(page, tmp_path, statement(account, *notes))
        page.get_by_role("button", name="Check the file").click()
        page.get_by_role("button", name=re.compile("^Book ")).first.click()
        expect(page.locator("#import .chip").first).to_have_text("booked", timeout=PATIENCE)
    expect(page.locator("#held")).to_be_visible()
    assert no_wider_than_the_window(page)
    assert no_wider_than_the_window(opens("/import", **PHONE))


def test_keys_lead_to_the_imports(opens: Opens) -> None:
    page = opens("/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_title("Import · Daybook")
