"""The page of a person is updated live."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.conftest import Opens
from tests.kit.web import Api


def test_a_persons_page_shows_a_new_entry_at_once(opens: Opens, api: Api) -> None:
    name = f"Anna {uuid4().hex[:8]}"
    user = api.post("/api/users", {"name": name, "email": "anna@example.com"}).json()["user_id"]
    account = api.post("/api/accounts", {"currency": "CZK", "user_id": user}).json()["account_id"]
    api.shown(account, api.deposit(account, "10.00")["position"])
    page = opens(f"/users/{user}")
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("#badge")).to_have_attribute("data-state", "live")
    api.deposit(account, "5.50", note="rent")
    expect(page.locator("#person-part")).to_contain_text("rent")
    expect(page.locator(f"#account-{account} .balance")).to_contain_text("15.50")
