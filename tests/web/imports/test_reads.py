"""Imports in the API."""

import csv
from uuid import uuid4

import pytest

from tests.kit.web import Api
from tests.web.imports.kit import Importer, statement
from tests.web.kit import codes_of, problem_of


def test_an_import_is_read_with_its_report(visitor: Importer, api: Api, name: str) -> None:
    visitor.book(visitor.check(statement(name, "rent")))
    address = visitor.check(statement(name, "Rent paid", "food"))
    read = api.http.get(f"/api{address}").json()
    assert (read["state"], read["format"], read["currency"]) == ("checked", "csv", "CZK")
    assert (read["only_check"], read["settling"], read["failure"]) == (True, False, None)
    [held] = read["report"]["held"]
    assert {key: held[key] for key in ("line", "account", "date", "amount", "note")} == {
        "line": 2,
        "account": name,
        "date": "2026-03-01",
        "amount": "-1.00",
        "note": "Rent paid",
    }
    assert (held["resembles"]["note"], held["resembles"]["amount"]) == ("rent", "-1.00")
    assert read["report"]["listed"]["held"] == 1
    assert (read["report"]["to_book"], read["report"]["opening"]) == (1, "0.00")
    later = api.http.get(f"/api{address}", params={"min_position": read["position"]}).json()
    assert later == read


def test_the_list_is_paged_and_the_newest_is_first(visitor: Importer, api: Api, name: str) -> None:
    made = [visitor.check(statement(name, note)).rpartition("/")[2] for note in ("one", "two")]
    first = api.http.get("/api/imports", params={"limit": 1}).json()
    second = api.http.get("/api/imports", params={"limit": 1, "after": first["after"]}).json()
    found = [page["imports"][0]["import_id"] for page in (first, second)]
    assert found == [*reversed(made)]
    assert "report" not in first["imports"][0]


def test_the_list_is_a_file_too(visitor: Importer, api: Api, name: str) -> None:
    made = visitor.check(statement(name, "one"), "=march.csv").rpartition("/")[2]
    row = next(each for each in api.http.get("/imports.json").json()["imports"] if each["import_id"] == made)
    assert (row["file"], row["state"]) == ("=march.csv", "checked")
    lines = csv.DictReader(api.http.get("/imports.csv").text.splitlines())
    assert [each["file"] for each in lines if each["import_id"] == made] == ["'=march.csv"]


def test_what_does_not_exist_or_cannot_be_read_is_refused(api: Api) -> None:
    problem_of(api.http.get(f"/api/imports/{uuid4()}"), 404, "unknown-import")
    wrong = problem_of(api.http.get("/api/imports/nope"), 422, "invalid-input")
    assert codes_of(wrong) == {"import_id": "not-a-uuid"}


@pytest.mark.parametrize(
    ("params", "codes"),
    [({"after": "x"}, {"after": "not-from-a-page"}), ({"state": "booked"}, {"state": "unknown-parameter"})],
)
def test_a_wrong_parameter_is_named(api: Api, params: dict[str, str], codes: dict[str, str]) -> None:
    assert codes_of(problem_of(api.http.get("/api/imports", params=params), 422, "invalid-input")) == codes
