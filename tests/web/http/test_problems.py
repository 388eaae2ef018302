"""Refusals of the API: a problem with a type that leads to a page."""

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of
from web import messages_on_accounts


def test_bad_query_parameters_are_named(api: Api) -> None:
    for query in ({"limit": "0"}, {"limit": "many"}, {"limit": "501"}):
        answer = api.http.get("/api/accounts", params=query)
        assert codes_of(problem_of(answer, 400, "http-400")) == {"limit": "invalid-parameter"}


def test_a_missing_route_is_a_problem_in_json(api: Api) -> None:
    for path, method, status in (("/api/nope", "GET", 404), ("/api/accounts", "DELETE", 405)):
        answer = api.http.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_problems_type_leads_to_a_page_about_it(api: Api, name: str) -> None:
    problem = api.post(f"/api/accounts/{name}/withdrawals", {"amount": "1"}).json()
    page = api.http.get(problem["type"], headers={"accept": "text/html"})
    assert page.status_code == 200
    assert messages_on_accounts.UNKNOWN_ACCOUNT.title in page.text


def test_a_parameter_that_a_route_does_not_have_is_refused_by_name(api: Api) -> None:
    answer = api.http.get("/api/events", params={"type": "MoneyDeposited", "limit": 1})
    assert codes_of(problem_of(answer, 422, "invalid-input")) == {"type": "unknown-parameter"}
