"""The methods of every address: HEAD as GET, OPTIONS, and Allow when a method is refused."""

import re
from uuid import uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute

from tests.kit.web import Api
from tests.web.kit import problem_of
from web.access import routers
from web.http.methods import Methods
from web.nouns import NOUNS

ROUTES = {route.path: route for router in routers(NOUNS) for route in router.routes}


def address(path: str) -> str:
    return re.sub(r"\{\w+:uuid\}", str(uuid4()), re.sub(r"\{\w+:(str|path)\}", "x", path))


def methods_of(path: str) -> set[str]:
    """Of all routers: a page is in one, and what its form is sent to may be in another."""
    routes = [route for router in routers(NOUNS) for route in router.routes if route.path == path]
    own = {method for route in routes if isinstance(route, HTTPRoute) for method in route.methods} or {"GET"}
    return own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set())


@pytest.mark.parametrize("path", ROUTES)
def test_options_says_what_an_address_takes(api: Api, path: str) -> None:
    answer = api.http.options(address(path), headers={"accept": "text/html"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == methods_of(path)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH", "GET", "HEAD"])
def test_another_method_is_refused_with_those_that_it_takes(api: Api, path: str, method: str) -> None:
    if method in methods_of(path):
        pytest.skip("it takes this one")
    answer = api.http.request(method, address(path))
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == methods_of(path)
    if method != "HEAD":
        problem_of(answer, 405, "http-405")


@pytest.mark.parametrize("path", [path for path in ROUTES if "GET" in methods_of(path) and path != "/live"])
def test_a_head_is_a_get_without_its_body(api: Api, path: str) -> None:
    asked, got = api.http.head(address(path)), api.http.get(address(path))
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers.get("content-type") == got.headers.get("content-type")


def test_a_head_of_live_updates_ends_at_once(api: Api) -> None:
    answer = api.http.head("/live")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("path", ["/nope", "/api/nope", "/static"])
def test_an_address_that_does_not_exist_allows_nothing(api: Api, path: str) -> None:
    answer = httpx.options(f"{api.http.base_url}".rstrip("/") + path)
    assert (answer.status_code, "allow" in answer.headers) == (404, False)


@pytest.mark.parametrize("path", ["/accounts/", "//accounts", "/accounts//"])
def test_slashes_that_say_nothing_make_no_difference(path: str) -> None:
    methods = Methods(route for router in routers(NOUNS) for route in router.routes)
    assert methods.allowed(path) == methods.allowed("/accounts") == "GET, HEAD, OPTIONS"


def test_the_server_as_a_whole_has_all_methods() -> None:
    methods = Methods(route for router in routers(NOUNS) for route in router.routes)
    assert methods.allowed("*") == "DELETE, GET, HEAD, OPTIONS, PATCH, POST"
