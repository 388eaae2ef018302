"""What a teller does on an account's page is seen live in a second window."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opens
from tests.browser.test_live_pages import SOON, live
from tests.kit.web import Api


def act(page: Page, link: str, button: str, **typed: str) -> None:
    """Follow a link of the account's page, fill the form in and send it."""
    page.get_by_role("link", name=link, exact=True).first.click()
    for name, text in typed.items():
        page.fill(f"#{name}", text)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("booked as #")).to_be_visible(timeout=SOON)


def figure(page: Page, label: str) -> str | None:
    found = page.locator("#account-head .standing > div").filter(has_text=label).locator("data")
    return found.get_attribute("value")


def test_a_hold_is_placed_and_captured_and_another_window_shows_it(opens: Opens, api: Api, name: str) -> None:
    api.booked(f"{name}/deposits", amount="100")
    teller, other = opens(f"/accounts/{name}"), opens(f"/accounts/{name}")
    live(other)
    act(teller, "Place hold", "Place hold", amount="60", expires="2099-01-01T10:30")
    holds = other.locator("#holds tbody tr")
    expect(holds).to_have_count(1, timeout=SOON)
    expect(holds).to_contain_text("2099-01-01 10:30")
    assert [figure(other, label) for label in ("Held", "Available")] == ["60.00", "40.00"]
    act(teller, "Capture", "Capture", amount="25")
    expect(other.locator("#holds")).to_be_hidden(timeout=SOON)
    expect(other.locator("#account-head .holding data")).to_have_attribute("value", "75.00", timeout=SOON)
    expect(other.locator("#history tr[data-position]").first).to_contain_text("Captured hold", timeout=SOON)
    expect(other.locator("#account-head .standing > div")).to_have_count(0)


def test_an_open_page_follows_its_account_when_it_is_frozen_and_unfrozen(
    opens: Opens, api: Api, name: str
) -> None:
    api.booked(f"{name}/deposits", amount="100")
    teller, other = opens(f"/accounts/{name}"), opens(f"/accounts/{name}")
    live(other)
    form, undo = other.locator("#entry-form"), other.get_by_role("link", name="Reverse", exact=True)
    other.fill("#note", "half typed")
    act(teller, "Freeze", "Freeze")
    expect(other.get_by_role("note")).to_contain_text("This account is frozen.", timeout=SOON)
    expect(form).to_be_hidden()
    expect(undo).to_be_hidden()
    expect(other.get_by_role("link", name="Place hold")).to_have_count(0)
    opened_meanwhile = opens(f"/accounts/{name}")
    live(opened_meanwhile)
    act(teller, "Unfreeze", "Unfreeze")
    expect(form).to_be_visible(timeout=SOON)
    expect(undo).to_be_visible()
    expect(other.locator("#note")).to_have_value("half typed")
    opened_meanwhile.locator(".again a").click()
    expect(opened_meanwhile.locator("#entry-form")).to_be_visible(timeout=SOON)


def test_an_entry_is_reversed_and_another_window_links_the_two(opens: Opens, api: Api, name: str) -> None:
    deposited = [api.booked(f"{name}/deposits", amount="1")["entry_id"] for _ in range(3)]
    teller, other = opens(f"/accounts/{name}"), opens(f"/accounts/{name}")
    live(other)
    other.evaluate("document.querySelector('#history tr[data-position]').dataset.kept = 'yes'")
    undone = other.locator(f"#entry-{deposited[0]}")
    teller.locator(f"#entry-{deposited[0]}").get_by_role("link", name="Reverse", exact=True).click()
    teller.get_by_role("button", name="Reverse", exact=True).click()
    reversal = other.locator("#history tr.fresh")
    expect(reversal).to_contain_text("Reversal", timeout=SOON)
    expect(undone.get_by_role("link", name="Reverse", exact=True)).to_have_count(0)
    expect(other.locator("#account-head .holding data")).to_have_attribute("value", "2.00")
    expect(other.locator("#history tr[data-kept]")).to_have_count(1)  # rows that did not change stay
    row = reversal.get_attribute("id")
    undone.get_by_role("link", name="reversed").click()
    assert other.url.endswith(f"#{row}")
    other.locator(f"#{row}").get_by_role("link", name="of an entry").click()
    assert other.url.endswith(f"#entry-{deposited[0]}")


def test_without_javascript_the_reversal_is_seen_and_marked_on_a_phone(
    opens: Opens, api: Api, name: str
) -> None:
    note = (
        "A long note about what the customer said, and about what was agreed on with the branch in town. " * 2
    )
    api.booked(f"{name}/deposits", amount="12345.67", note=note.strip(), reference="INVOICE-2024-000123")
    phone = {"width": 390, "height": 844}
    page = opens(f"/accounts/{name}", java_script_enabled=False, viewport=phone)
    page.get_by_role("link", name="Reverse", exact=True).click()
    expect(page.get_by_role("row", name="Balance")).to_contain_text("12\u2009345.67")
    expect(page.get_by_role("row", name="will be booked")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
    page.get_by_role("button", name="Reverse", exact=True).click()
    marked = page.locator("#history tr:target")
    expect(marked).to_contain_text("Reversal")
    expect(marked).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


def test_a_link_to_a_row_that_has_left_the_list_leads_to_its_page(opens: Opens, api: Api, name: str) -> None:
    entry = api.booked(f"{name}/deposits", amount="1")["entry_id"]
    page = opens(f"/accounts/{name}")
    live(page)
    api.booked(f"{name}/entries/{entry}/reversal")
    link = page.get_by_role("link", name="of an entry")
    expect(link).to_have_attribute("href", f"#entry-{entry}", timeout=SOON)
    for _ in range(49):
        api.booked(f"{name}/deposits", amount="1")
    expect(page.locator(f"#entry-{entry}")).to_have_count(0, timeout=SOON)
    link.click()
    expect(page.locator("#history-older tr:target")).to_contain_text("reversed", timeout=SOON)
    page.locator("tr:target").get_by_role("link", name="reversed").click()
    expect(page.locator("#history tr:target")).to_contain_text("Reversal", timeout=SOON)


def test_a_page_of_a_missing_account_opens_it_without_javascript(opens: Opens, name: str) -> None:
    page = opens(f"/accounts/{name}", java_script_enabled=False)
    page.get_by_role("button", name="Open account").click()
    expect(page.locator("#account-head .holding")).to_contain_text("0.00")
    page.fill("#amount", "12")
    page.fill("#reference", "INV-1")
    page.get_by_role("button", name="Deposit").click()
    expect(page.locator("#history tr[data-position]")).to_contain_text("INV-1")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
