"""Valid and invalid values of an entry's fields, and the messages about invalid ones."""

import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of


def test_every_bad_field_is_named(api: Api, name: str) -> None:
    body = {"amount": 12.5, "value_date": "tomorrow", "note": "a\nb", "currency": "EURO", "colour": "red"}
    problem = problem_of(api.post(f"/api/accounts/{name}/deposits", body), 422, "invalid-input")
    assert codes_of(problem) == {
        "amount": "not-a-string",
        "value_date": "not-a-date",
        "note": "invalid-note",
        "currency": "unknown-currency",
        "colour": "unknown-field",
    }
    assert all(error["detail"] for error in problem["errors"])


@pytest.mark.parametrize(
    ("code", "amounts"),
    [
        ("missing", (None, "")),
        ("not-a-string", (1, 1.5, True, [], {})),
        ("invalid-amount", ("0", "-1", "1e3", "1.001", "9" * 17, "1,5", "NaN")),
    ],
)
def test_an_amount_is_a_decimal_string_above_zero(
    api: Api, name: str, code: str, amounts: tuple[object, ...]
) -> None:
    for amount in amounts:
        answer = api.post(f"/api/accounts/{name}/deposits", {"amount": amount})
        assert codes_of(problem_of(answer, 422, "invalid-input")) == {"amount": code}, amount


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"\xff{}", b"null", b"[" * 5000])
def test_a_body_that_is_not_a_json_object_is_refused(api: Api, name: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = api.http.post(f"/api/accounts/{name}/deposits", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_json_is_accepted(api: Api, name: str) -> None:
    answer = api.http.post(f"/api/accounts/{name}/deposits", data={"amount": "5"})
    assert answer.status_code == 415


@pytest.mark.parametrize("bad", ["-x", "a b", "x" * 65, "ä", "a'b"])
def test_an_invalid_account_id_is_refused(api: Api, bad: str) -> None:
    problem = problem_of(api.http.get(f"/api/accounts/{bad}"), 422, "invalid-input")
    assert codes_of(problem) == {"account_id": "invalid-account-id"}


@pytest.mark.parametrize("day", ["20260101", "2026-W01-1", "2026-02-30"])
def test_a_day_has_one_form(api: Api, name: str, day: str) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": "1", "value_date": day})
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"value_date": "not-a-date"}


@pytest.mark.parametrize("note", ["Rent\u00a0May", "family 👨\u200d👩\u200d👧"])
def test_a_note_may_hold_what_people_paste(api: Api, name: str, note: str) -> None:
    assert api.deposit(name, "1", note=note)["balance"] == "1.00"
