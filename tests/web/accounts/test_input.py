"""Valid and invalid values of an entry's fields, and the messages about invalid ones."""

import re

import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of
from web import messages_on_input as on_input
from web.http.inputs import MOST_FAULTS


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


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount":"1.00","amount":"900.00"}',
        b'{"amount":"1.00","\\u0061mount":"1.00"}',
        b'{"amount":"1","note":"a","amount":"1","note":"a"}',
    ],
)
def test_a_field_that_is_there_twice_is_refused(api: Api, name: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = api.http.post(f"/api/accounts/{name}/deposits", content=body, headers=headers)
    found = codes_of(problem_of(answer, 422, "invalid-input"))
    assert found in ({"amount": "repeated"}, {"amount": "repeated", "note": "repeated"})
    assert api.http.get(f"/api/accounts/{name}").status_code == 404


@pytest.mark.parametrize(
    "amount", ["1 0 0", "1 00", "10 00", "1 000 00", "1 000\u00a0000", "0 100", "1 000.0 0", "1\n"]
)
def test_spaces_in_an_amount_are_only_between_groups_of_three_digits(
    api: Api, name: str, amount: str
) -> None:
    answer = api.post(f"/api/accounts/{name}/deposits", {"amount": amount})
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"amount": "invalid-amount"}


@pytest.mark.parametrize("amount", ["1 234.50", "1\u2009234.5", " 1\u00a0234.50 ", "1234.50"])
def test_an_amount_may_be_grouped_as_pages_show_it(api: Api, name: str, amount: str) -> None:
    assert api.deposit(name, amount)["balance"] == "1234.50"


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
@pytest.mark.parametrize("path", ["deposits", "withdrawals"])
def test_a_value_date_is_refused_by_name_with_all_other_wrong_fields(
    api: Api, name: str, path: str, day: str
) -> None:
    body = {"amount": "x", "value_date": day, "note": "refund \u202e00.9", "reference": "a\u200bb"}
    problem = problem_of(api.post(f"/api/accounts/{name}/{path}", body), 422, "invalid-input")
    assert codes_of(problem) == {
        "amount": "invalid-amount",
        "value_date": "invalid-value-date",
        "note": "invalid-note",
        "reference": "invalid-reference",
    }


def test_a_transfer_has_the_same_rules(api: Api, name: str) -> None:
    order = {"from": name, "to": "b", "amount": "1 0", "value_date": "0001-01-01", "note": "\u2060"}
    problem = problem_of(api.post("/api/transfers", order), 422, "invalid-input")
    assert codes_of(problem) == {
        "amount": "invalid-amount",
        "value_date": "invalid-value-date",
        "note": "invalid-note",
    }


def test_a_refusal_repeats_little_of_what_was_sent_and_names_20_fields(api: Api, name: str) -> None:
    body = {"amount": "9" * 5000, "currency": "c" * 5000, "x" * 5000: "1", **{f"f{n}": "" for n in range(50)}}
    answer = api.post(f"/api/accounts/{name}/deposits", body)
    problem = problem_of(answer, 422, "invalid-input")
    assert len(problem["errors"]) == MOST_FAULTS == 20
    assert problem["detail"].endswith(on_input.more_faults(len(body) - MOST_FAULTS))
    assert not re.search(r"(.)\1{80}", answer.text)


@pytest.mark.parametrize("note", ["Rent\u00a0May", "family 👨\u200d👩\u200d👧"])
def test_a_note_may_hold_what_people_paste(api: Api, name: str, note: str) -> None:
    assert api.deposit(name, "1", note=note)["balance"] == "1.00"
