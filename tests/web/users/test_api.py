"""People in the JSON API, over a real server, Valkey and projector."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.users import messages as on_users
from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of
from web import messages_on_people


def create(api: Api, name: str = "Anna Nováková", **more: str) -> dict[str, Any]:
    answer = api.post("/api/users", {"name": name, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def shown(api: Api, user_id: str, position: int) -> dict[str, Any]:
    answer = api.http.get(f"/api/users/{user_id}", params={"min_position": position})
    assert answer.status_code == 200, answer.text
    assert not answer.json()["settling"]
    return dict(answer.json())


def found(api: Api, q: str, position: int) -> list[str]:
    answer = api.http.get("/api/users", params={"q": q, "min_position": position})
    assert answer.status_code == 200, answer.text
    return [each["user_id"] for each in answer.json()["users"]]


def change(api: Api, user_id: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return api.http.patch(f"/api/users/{user_id}", json=body, headers=headers)


def open_for(api: Api, user_id: str) -> dict[str, Any]:
    answer = api.post("/api/accounts", {"currency": "CZK", "user_id": user_id})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_person_is_created_and_read(api: Api, name: str) -> None:
    created = create(api, email="anna@example.com", user_id=name)
    assert created == {"user_id": name, "revision": 0, "position": created["position"]}
    person = shown(api, name, created["position"])
    assert person == {
        "user_id": name,
        "name": "Anna Nováková",
        "email": "anna@example.com",
        "phone": None,
        "accounts": [],
        "former_accounts": [],
        "revision": 0,
        "position": created["position"],
        "settling": False,
    }
    assert api.http.get(f"/api/users/{name}").headers["etag"] == '"0"'


def test_the_server_chooses_the_same_id_for_a_repeated_request(api: Api) -> None:
    key = str(uuid4())
    first, again = (api.post("/api/users", {"name": "Eva"}, key) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    problem_of(api.post("/api/users", {"name": "Jana"}, key), 422, "idempotency-key-reused")


def test_every_wrong_field_is_named(api: Api) -> None:
    answer = api.post(
        "/api/users", {"name": "a\u202eb", "email": "x", "phone": "call", "user_id": "a b", "x": "1"}
    )
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {
        "name": "invalid-name",
        "email": "invalid-email",
        "phone": "invalid-phone",
        "user_id": "invalid-user-id",
        "x": "unknown-field",
    }
    assert codes_of(problem_of(api.post("/api/users", {}), 422, "invalid-input")) == {"name": "missing"}


def test_only_what_is_sent_changes_and_null_clears(api: Api, name: str) -> None:
    create(api, email="anna@example.com", phone="112", user_id=name)
    assert change(api, name, {"email": None}).status_code == 200
    last = change(api, name, {"name": "Eva"}).json()
    person = shown(api, name, last["position"])
    assert (person["name"], person["email"], person["phone"]) == ("Eva", None, "112")


@pytest.mark.parametrize(
    ("body", "codes"), [({}, {"name": "nothing-to-change"}), ({"name": None}, {"name": "missing"})]
)
def test_a_name_is_never_cleared_and_something_has_to_be_sent(
    api: Api, name: str, body: dict[str, Any], codes: dict[str, str]
) -> None:
    create(api, user_id=name)
    assert codes_of(problem_of(change(api, name, body), 422, "invalid-input")) == codes


def test_a_repeated_change_and_deletion_are_answered_again(api: Api, name: str) -> None:
    create(api, user_id=name)
    key = str(uuid4())
    first, again = (change(api, name, {"name": "Eva"}, key) for _ in range(2))
    assert first.json() == again.json()
    headers = {"Idempotency-Key": str(uuid4())}
    gone, again = (api.http.delete(f"/api/users/{name}", headers=headers) for _ in range(2))
    assert gone.status_code == again.status_code == 200
    assert gone.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


def test_people_are_found_by_the_beginning_of_any_word(api: Api) -> None:
    word = f"x{uuid4().hex[:10]}"
    created = create(api, f"Anna {word.upper()}-Nováková")
    create(api, f"Eva q{word}")
    position = create(api, f"Eva {word}")["position"]
    assert created["user_id"] in found(api, f"{word[:8]} an", position)
    assert found(api, f"NOVÁK {word}", position) == [created["user_id"]]
    assert len(found(api, word, position)) == 2
    assert found(api, word[1:], position) == []


def test_somebody_who_was_deleted_is_unknown_and_the_id_is_retired(api: Api, name: str) -> None:
    word = f"x{uuid4().hex[:10]}"
    position = create(api, f"Anna {word}", user_id=name)["position"]
    assert found(api, word, position) == [name]
    gone = api.http.delete(f"/api/users/{name}").json()
    assert found(api, word, gone["position"]) == []
    problem_of(
        api.http.get(f"/api/users/{name}", params={"min_position": gone["position"]}), 404, "unknown-user"
    )
    problem_of(api.http.get(f"/api/users/{name}/entries"), 404, "unknown-user")
    problem_of(change(api, name, {"name": "Eva"}), 404, "unknown-user")
    problem_of(api.http.delete(f"/api/users/{name}"), 404, "unknown-user")
    problem_of(api.post("/api/users", {"name": "Eva", "user_id": name}), 409, "user-id-retired")
    problem_of(api.post("/api/accounts", {"currency": "CZK", "user_id": name}), 404, "unknown-user")


def test_an_id_is_used_once(api: Api, name: str) -> None:
    create(api, user_id=name)
    problem_of(api.post("/api/users", {"name": "Eva", "user_id": name}), 409, "user-exists")


def test_nobody_with_an_account_is_deleted(api: Api, name: str) -> None:
    create(api, user_id=name)
    account = open_for(api, name)
    problem = problem_of(api.http.delete(f"/api/users/{name}"), 409, "open-accounts")
    assert problem["detail"] == on_users.has_open_accounts(name, [account["account_id"]], 0)
    person = shown(api, name, account["position"])
    assert person["accounts"] == [account["account_id"]]


def test_the_entries_of_all_accounts_of_a_person_are_merged_newest_first(api: Api, name: str) -> None:
    create(api, user_id=name)
    accounts = [open_for(api, name)["account_id"] for _ in range(2)]
    booked = [api.deposit(accounts[number % 2], f"{number + 1}.00") for number in range(5)]
    shown(api, name, booked[-1]["position"])
    api.shown(accounts[0], booked[-1]["position"])
    listed: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        asked: dict[str, Any] = {"limit": 2} | ({"before": before} if before else {})
        page = api.http.get(f"/api/users/{name}/entries", params=asked).json()
        listed += page["entries"]
        before = page["before"]
        if before is None:
            break
    assert [each["entry_id"] for each in listed] == [each["entry_id"] for each in reversed(booked)]
    assert [each["account_id"] for each in listed] == [accounts[n % 2] for n in (4, 3, 2, 1, 0)]


def test_nobody_unknown_is_read(api: Api, name: str) -> None:
    problem = problem_of(api.http.get(f"/api/users/{name}"), 404, "unknown-user")
    assert problem["detail"] == messages_on_people.no_user(name)
    problem_of(api.http.get("/api/users/a%20b"), 422, "invalid-input")
    problem_of(api.http.get("/api/users", params={"name": "Anna"}), 422, "invalid-input")
