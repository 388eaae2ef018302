"""Query parameters of every route: those that it does not have, those sent twice, and those that are not text."""

import httpx
import pytest

from tests.kit.web import Api
from tests.web.http.test_methods import ROUTES, address, methods_of
from tests.web.kit import codes_of, problem_of

READ = [path for path in ROUTES if "GET" in methods_of(path)]


@pytest.mark.parametrize("path", READ)
def test_a_parameter_that_a_page_or_route_does_not_have_is_refused_by_name(api: Api, path: str) -> None:
    for query in ("nonsense=1", "nonsense", "request=1", "scope=1", "services=1"):
        answer = api.http.get(f"{address(path)}?{query}")
        name = query.partition("=")[0]
        assert codes_of(problem_of(answer, 422, "invalid-input")) == {name: "unknown-parameter"}, query


@pytest.mark.parametrize("path", ["/", "/accounts/x", "/live", "/settled", "/users", "/problems/x"])
def test_a_page_says_it_to_people(api: Api, path: str) -> None:
    answer = api.http.get(f"{path}?nonsense=1", headers={"accept": "text/html"})
    assert (answer.status_code, "nonsense: " in answer.text) == (422, True)


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize(("query", "code"), [("q=%ff", "not-utf-8"), ("q=a&q=b", "repeated")])
def test_a_parameter_that_is_not_text_or_there_twice_is_refused_by_name(
    api: Api, path: str, query: str, code: str
) -> None:
    answer = api.http.get(f"{address(path)}?{query}")
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"q": code}


@pytest.mark.parametrize("path", ["/entries", "/users", "/accounts/x/freeze"])
def test_forms_take_no_others_either(api: Api, path: str) -> None:
    with httpx.Client(base_url=api.http.base_url) as visitor:
        page = visitor.get("/users", headers={"accept": "text/html"}).text
        token = page.partition('name="_csrf_token" value="')[2].partition('"')[0]
        answer = visitor.post(f"{path}?nonsense=1", data={"_csrf_token": token})
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"nonsense": "unknown-parameter"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/accounts"), ("POST", "/api/accounts/x/freeze"), ("DELETE", "/api/users/x")],
)
def test_commands_take_no_others_either(api: Api, method: str, path: str) -> None:
    answer = api.http.request(method, f"{path}?nonsense=1")
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"nonsense": "unknown-parameter"}


def test_a_refusal_names_20_parameters_and_repeats_80_characters(api: Api) -> None:
    query = "&".join([*(f"p{number}=1" for number in range(30)), "n" * 300])
    answer = api.http.get(f"/api/events?{query}")
    problem = problem_of(answer, 422, "invalid-input")
    assert len(problem["errors"]) == 20
    assert problem["errors"][0]["field"] == "n" * 79 + "…"
    assert "n" * 80 not in answer.text


@pytest.mark.parametrize("position", ["-1", "9" * 19, "9" * 300, "x"])
@pytest.mark.parametrize(
    "query", ["/settled?position=", "/accounts/x?before=", "/accounts/x?booked=", "/users/x?changed="]
)
def test_a_position_that_no_log_has_is_refused(api: Api, query: str, position: str) -> None:
    answer = api.http.get(query + position)
    assert set(codes_of(problem_of(answer, 400, "http-400")).values()) == {"invalid-parameter"}
    assert "9" * 80 not in answer.text


def test_a_filter_that_cannot_be_read_is_refused_on_its_page(api: Api) -> None:
    answer = api.http.get("/?balance_below=abc", headers={"accept": "text/html"})
    assert (answer.status_code, "is not an amount" in answer.text) == (422, True)
