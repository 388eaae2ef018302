"""Accounts are found by the names of those who hold them."""

from typing import Any
from uuid import uuid4

import pytest

from eventstore.memory import MemoryStore, Records
from eventstore.personal.keys import KeysUnavailable
from tests.kit.importing import no_imports
from tests.kit.journal import Journal
from tests.kit.memory_redis import MemoryRedis
from tests.kit.users import fresh_keys
from tests.kit.web import Api
from web import messages_on_accounts
from web.accounts import api as reading
from web.accounts import holders, listing
from web.app import services_of
from web.services import Services


def person(api: Api, name: str) -> str:
    created = api.post("/api/users", {"name": name}).json()
    shown = {"min_position": created["position"]}
    assert api.http.get("/api/users", params=shown).status_code == 200
    return str(created["user_id"])


def opened(api: Api, account_id: str, holder: str) -> None:
    body = {"currency": "CZK", "account_id": account_id, "user_id": holder}
    position = api.post("/api/accounts", body).json()["position"]
    assert not api.shown(account_id, position).get("settling")
    shown = {"min_position": position}
    assert api.http.get(f"/api/users/{holder}", params=shown).status_code == 200


def found(api: Api, **asked: Any) -> list[list[str]]:
    pages = []
    while True:
        page = api.http.get("/api/accounts", params=asked).json()
        pages.append([row["account_id"] for row in page["accounts"]])
        if page["after"] is None:
            return pages
        asked["after"] = page["after"]


def test_accounts_are_found_by_the_beginning_of_any_word_of_the_holders_name(api: Api, name: str) -> None:
    word = f"x{uuid4().hex[:10]}"
    anna, eva = person(api, f"Anna {word.upper()}"), person(api, f"{word}ová Eva")
    opened(api, f"{name}-1", anna)
    opened(api, f"{name}-2", eva)
    opened(api, f"{name}-{word}", anna)
    api.open(f"{name}-{word}-2")
    expected = [f"{name}-{word}-2", f"{name}-{word}", f"{name}-2", f"{name}-1"]
    assert found(api, q=word) == [expected]
    assert found(api, q=word, limit=2) == [expected[:2], expected[2:]]
    assert found(api, q=f"eva {word}") == [[f"{name}-2"]]
    assert found(api, q=word[1:]) == [expected[:2]]


def test_the_first_page_finds_accounts_by_name_and_names_their_holders(api: Api, name: str) -> None:
    word = f"X{uuid4().hex[:10]}"
    opened(api, name, person(api, f"Anna {word}"))
    page = api.http.get("/", params={"q": word.lower()}, headers={"accept": "text/html"}).text
    assert f'id="account-{name}"' in page
    assert f"Anna {word}</bdi></a>" in page
    assert 'role="note"' not in page


@pytest.fixture
def services() -> Services:
    """With account `anna` of u-1, and a directory that does not run: names cannot be searched."""
    journal, memory = Journal(), MemoryRedis()
    journal.open("anna", "CZK", "u-1")
    memory.fill(journal.all)
    return services_of(MemoryStore(Records()), memory.client, fresh_keys(), no_imports(), "CZK", {})


@pytest.mark.slow
async def test_a_search_without_names_is_refused_by_the_api_and_explained_on_the_page(
    services: Services,
) -> None:
    with pytest.raises(KeysUnavailable):
        await reading.list_accounts.fn(services, q="ann")
    shown = await listing.accounts(services, q="ann")
    assert [row.account_id for row in shown["page"].accounts] == ["anna"]
    assert shown["note"] == messages_on_accounts.HOLDERS_NOT_SEARCHED


async def test_no_name_is_searched_without_a_word(services: Services) -> None:
    assert len((await reading.list_accounts.fn(services, q=" ")).accounts) == 0
    assert (await listing.accounts(services))["note"] == ""


async def test_the_page_says_that_too_many_people_have_such_a_name(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def many(text: str, limit: int) -> list[str]:
        return [f"u-{number}" for number in range(limit)]

    monkeypatch.setattr(services.directory, "search", many)
    shown = await listing.accounts(services, q="ann")
    assert shown["note"] == messages_on_accounts.only_some_holders(holders.MOST_HOLDERS)
