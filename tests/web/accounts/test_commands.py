"""Each command on an account in the API: what it answers, what the read models show, and how it is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.accounts import MOST_HOLDS
from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of

NOBODY = str(uuid4())


@pytest.fixture
def account(api: Api, name: str) -> str:
    """With 100.00."""
    api.booked(f"{name}/deposits", amount="100")
    return name


def shown(api: Api, account: str, *names: str) -> list[Any]:
    found = api.http.get(f"/api/accounts/{account}").json()
    return [found[name] for name in names]


def history(api: Api, account: str) -> list[dict[str, Any]]:
    return list(api.http.get(f"/api/accounts/{account}/history").json()["entries"])


def post(api: Api, path: str, **body: str) -> httpx.Response:
    return api.post(f"/api/accounts/{path}", body)


# What a command answers, and what is shown afterwards.


def test_a_hold_is_placed_captured_in_part_and_the_rest_is_released(api: Api, account: str) -> None:
    expires = "2099-01-01T00:30:00+02:00"
    placed = api.booked(f"{account}/holds", amount="60", expires=expires)
    assert placed["entry_id"] is None
    assert (placed["balance"], placed["held"], placed["available"]) == ("100.00", "60.00", "40.00")
    holds = api.http.get(f"/api/accounts/{account}/holds")
    assert holds.json()["holds"] == [
        {"hold_id": placed["hold_id"], "amount": "60.00", "expires": "2098-12-31T22:30:00Z"}
    ]
    assert holds.headers["etag"] == f'"{placed["revision"]}"'
    captured = api.booked(f"{account}/holds/{placed['hold_id']}/capture", amount="25.50")
    assert (captured["balance"], captured["held"], captured["available"]) == ("74.50", "0.00", "74.50")
    assert shown(api, account, "balance", "held", "available") == ["74.50", "0.00", "74.50"]
    entry = history(api, account)[0]
    assert (entry["entry_id"], entry["hold_id"]) == (captured["entry_id"], placed["hold_id"])
    assert (entry["type"], entry["amount"]) == ("HoldCaptured", "-25.50")
    assert api.http.get(f"/api/accounts/{account}/holds").json()["holds"] == []


def test_a_hold_is_released(api: Api, account: str) -> None:
    placed = api.booked(f"{account}/holds", amount="60")
    released = api.booked(f"{account}/holds/{placed['hold_id']}/release")
    assert (released["held"], released["available"]) == ("0.00", "100.00")
    assert (released["hold_id"], released["entry_id"]) == (placed["hold_id"], None)


def test_an_overdraft_limit_makes_more_available(api: Api, account: str) -> None:
    api.booked(f"{account}/overdraft", limit="50.50")
    assert shown(api, account, "overdraft", "available") == ["50.50", "150.50"]
    assert post(api, f"{account}/withdrawals", amount="150.50").json()["balance"] == "-50.50"


def test_an_account_is_frozen_unfrozen_and_closed(api: Api, account: str) -> None:
    frozen = api.booked(f"{account}/freeze")
    assert (frozen["entry_id"], frozen["balance"]) == (None, "100.00")
    assert shown(api, account, "state") == ["frozen"]
    api.booked(f"{account}/unfreeze")
    assert shown(api, account, "state") == ["open"]
    api.booked(f"{account}/withdrawals", amount="100")
    closed = api.booked(f"{account}/close")
    assert shown(api, account, "state", "revision") == ["closed", closed["revision"]]


def test_a_reversal_is_reversed_and_each_names_the_other(api: Api, account: str) -> None:
    (entry,) = history(api, account)
    undone = api.booked(f"{account}/entries/{entry['entry_id']}/reversal")
    redone = api.booked(f"{account}/entries/{undone['entry_id']}/reversal")
    assert (undone["balance"], redone["balance"]) == ("0.00", "100.00")
    links = [(each["reverses"], each["reversed_by"]) for each in history(api, account)]
    assert links == [
        (undone["entry_id"], None),
        (entry["entry_id"], redone["entry_id"]),
        (None, undone["entry_id"]),
    ]


def test_entries_are_found_by_their_reference(api: Api, account: str, name: str) -> None:
    reference = f"INV {name}/é"
    for path in (f"{account}/withdrawals", f"{account}-2/deposits"):
        booked = api.booked(path, amount="10", reference=reference)
    found = api.http.get("/api/entries", params={"reference": reference}).json()
    assert found["reference"] == reference
    assert [(each["account_id"], each["reference"]) for each in found["entries"]] == [
        (f"{account}-2", reference),
        (account, reference),
    ]
    assert found["entries"][0]["entry_id"] == booked["entry_id"]
    other = api.http.get("/api/entries", params={"reference": reference[:-1]}).json()
    assert other["entries"] == []
    assert api.http.get("/api/entries").status_code == 400


# Refusals.

REFUSALS: dict[str, tuple[list[tuple[str, dict[str, str]]], tuple[str, dict[str, str]], int, str]] = {
    "a frozen account takes nothing in": (
        [("freeze", {})],
        ("deposits", {"amount": "1"}),
        409,
        "account-frozen",
    ),
    "a frozen account gives nothing out": (
        [("freeze", {})],
        ("withdrawals", {"amount": "1"}),
        409,
        "account-frozen",
    ),
    "nothing is held on a frozen account": (
        [("freeze", {})],
        ("holds", {"amount": "1"}),
        409,
        "account-frozen",
    ),
    "frozen again": ([("freeze", {})], ("freeze", {}), 409, "account-frozen"),
    "not frozen": ([], ("unfreeze", {}), 409, "account-not-frozen"),
    "closed with money": ([], ("close", {}), 409, "account-not-empty"),
    "a closed account": (
        [("withdrawals", {"amount": "100"}), ("close", {})],
        ("deposits", {"amount": "1"}),
        409,
        "account-closed",
    ),
    "more than what is available": (
        [("holds", {"amount": "60"})],
        ("withdrawals", {"amount": "40.01"}),
        409,
        "insufficient-funds",
    ),
    "a hold of more than what is available": ([], ("holds", {"amount": "100.01"}), 409, "insufficient-funds"),
    "another currency": ([], ("deposits", {"amount": "1", "currency": "EUR"}), 409, "currency-mismatch"),
    "too much": ([], ("deposits", {"amount": "90071992547409"}), 409, "balance-out-of-range"),
    "an unknown entry": ([], (f"entries/{NOBODY}/reversal", {}), 404, "unknown-entry"),
    "an unknown hold to capture": ([], (f"holds/{NOBODY}/capture", {}), 404, "unknown-hold"),
    "an unknown hold to release": ([], (f"holds/{NOBODY}/release", {}), 404, "unknown-hold"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_has_its_status_and_type(api: Api, account: str, what: str) -> None:
    before, (path, body), status, kind = REFUSALS[what]
    for earlier, fields in before:
        api.booked(f"{account}/{earlier}", **fields)
    problem = problem_of(post(api, f"{account}/{path}", **body), status, kind)
    page = api.http.get(problem["type"], headers={"accept": "text/html"})
    assert (page.status_code, problem["title"] in page.text) == (200, True)


def test_a_hold_is_captured_for_at_most_what_it_set_aside_and_only_once(api: Api, account: str) -> None:
    placed = api.booked(f"{account}/holds", amount="60")
    path = f"{account}/holds/{placed['hold_id']}"
    problem_of(post(api, f"{path}/capture", amount="60.01"), 409, "hold-too-small")
    api.booked(f"{path}/capture")
    problem_of(post(api, f"{path}/capture"), 404, "unknown-hold")
    problem_of(post(api, f"{path}/release"), 404, "unknown-hold")


def test_a_hold_whose_time_is_over_is_not_captured(api: Api, account: str) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    placed = api.booked(f"{account}/holds", amount="60", expires=soon)
    path = f"{account}/holds/{placed['hold_id']}/capture"
    while (answer := post(api, path, amount="61")).json()["type"].endswith("hold-too-small"):
        pass
    problem_of(answer, 409, "hold-over")


def test_an_entry_is_reversed_once(api: Api, account: str) -> None:
    (entry,) = history(api, account)
    path = f"{account}/entries/{entry['entry_id']}/reversal"
    api.booked(path)
    problem_of(post(api, path), 409, "entry-reversed")


def test_a_reversal_obeys_funds(api: Api, account: str) -> None:
    (entry,) = history(api, account)
    api.booked(f"{account}/withdrawals", amount="1")
    problem_of(post(api, f"{account}/entries/{entry['entry_id']}/reversal"), 409, "insufficient-funds")


def test_an_account_has_a_bounded_number_of_holds(api: Api, account: str) -> None:
    for _ in range(MOST_HOLDS):
        assert post(api, f"{account}/holds", amount="0.01").status_code == 201
    problem_of(post(api, f"{account}/holds", amount="0.01"), 409, "too-many-holds")


COMMANDS: dict[str, dict[str, str]] = {
    "withdrawals": {"amount": "1"},
    "freeze": {},
    "unfreeze": {},
    "close": {},
    "overdraft": {"limit": "1"},
    "holds": {"amount": "1"},
    f"holds/{NOBODY}/capture": {},
    f"holds/{NOBODY}/release": {},
    f"entries/{NOBODY}/reversal": {},
}


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_but_a_deposit_needs_an_account(api: Api, name: str, path: str) -> None:
    problem_of(post(api, f"{name}/{path}", **COMMANDS[path]), 404, "unknown-account")
    problem_of(post(api, f"-/{path}", **COMMANDS[path]), 422, "invalid-input")


# Input.


@pytest.mark.parametrize("path", ["holds/x/capture", "holds/x/release", "entries/x/reversal"])
def test_the_id_of_a_hold_or_an_entry_is_a_uuid(api: Api, account: str, path: str) -> None:
    problem = problem_of(post(api, f"{account}/{path}"), 422, "invalid-input")
    assert set(codes_of(problem).values()) == {"not-a-uuid"}


@pytest.mark.parametrize(
    ("path", "body", "codes"),
    [
        (
            "holds",
            {"amount": "0", "expires": "tomorrow"},
            {"amount": "invalid-amount", "expires": "not-a-time"},
        ),
        ("holds", {"amount": "1", "expires": "2099-01-01T00:00:00"}, {"expires": "not-a-time"}),
        ("holds", {"amount": "1", "expires": "2020-01-01T00:00:00Z"}, {"expires": "invalid-expiry"}),
        ("holds", {}, {"amount": "missing"}),
        ("overdraft", {}, {"limit": "missing"}),
        ("overdraft", {"limit": "x"}, {"limit": "invalid-amount"}),
        ("overdraft", {"limit": "-1"}, {"limit": "invalid-limit"}),
        ("overdraft", {"limit": "1.001"}, {"limit": "invalid-limit"}),
        ("freeze", {"why": "x"}, {"why": "unknown-field"}),
        ("deposits", {"amount": "1", "reference": "a\nb"}, {"reference": "invalid-reference"}),
    ],
)
def test_a_wrong_field_is_named(
    api: Api, account: str, path: str, body: dict[str, str], codes: dict[str, str]
) -> None:
    assert codes_of(problem_of(post(api, f"{account}/{path}", **body), 422, "invalid-input")) == codes


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", {}),
        (b"{}", {}),
        (b"{}", {"content-type": "application/json"}),
        (b"", {"content-type": "application/json"}),
        (b"", {"content-type": "text/plain"}),
    ],
)
def test_a_command_without_fields_takes_no_body_or_an_empty_object(
    api: Api, account: str, content: bytes, headers: dict[str, str]
) -> None:
    answer = api.http.post(f"/api/accounts/{account}/freeze", content=content, headers=headers)
    assert answer.status_code == 201, answer.text


def test_a_body_that_is_not_json_is_refused_by_its_type(api: Api, account: str) -> None:
    answer = api.http.post(f"/api/accounts/{account}/freeze", data={"a": "b"})
    problem_of(answer, 415, "http-415")


@pytest.mark.parametrize("query", ["colour=red", "idempotency_key=x", "account_id=x", "services=x"])
def test_an_unknown_query_parameter_is_refused(api: Api, account: str, query: str) -> None:
    answer = api.http.post(f"/api/accounts/{account}/freeze?{query}")
    assert set(codes_of(problem_of(answer, 422, "invalid-input")).values()) == {"unknown-parameter"}
    assert shown(api, account, "state") == ["open"]


# One effect per key.


@pytest.mark.parametrize(
    "path", ["freeze", "overdraft", "holds", "withdrawals", "reversal", "release", "capture"]
)
def test_a_command_that_is_repeated_with_its_key_is_booked_once(api: Api, account: str, path: str) -> None:
    path, body = _addressed(api, account, path)
    key = f"repeat {path}"
    first, again = (api.post(f"/api/accounts/{account}/{path}", body, key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    other = api.post(f"/api/accounts/{account}/overdraft", {"limit": "77"}, key)
    problem_of(other, 422, "idempotency-key-reused")


def _addressed(api: Api, account: str, path: str) -> tuple[str, dict[str, str]]:
    match path:
        case "release" | "capture":
            placed = api.booked(f"{account}/holds", amount="5")
            return f"holds/{placed['hold_id']}/{path}", {}
        case "reversal":
            return f"entries/{history(api, account)[0]['entry_id']}/reversal", {}
        case _:
            return path, COMMANDS[path]
