"""Each route states once who may use it."""

import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute

from web.access import GUARDS, Noun, routers
from web.http.parameters import knows_its_parameters, under_api
from web.nouns import NOUNS


def paths(users: str) -> set[str]:
    [router] = [made for made, name in zip(routers(NOUNS), GUARDS, strict=True) if name == users]
    return {route.path for route in router.routes}


def test_there_is_a_router_for_each_kind_of_user() -> None:
    assert list(GUARDS) == ["public", "teller", "auditor", "operator"]
    assert len(routers(NOUNS)) == 4


def test_nothing_that_books_or_reads_money_is_public() -> None:
    assert paths("public") == {
        *("/health/live", "/health/ready", "/static/{name:path}", "/problems/{name:str}"),
        *("/api/schema", "/api/schema/openapi.json"),
    }


def test_auditors_read_the_log_and_operators_look_after_read_models() -> None:
    assert paths("auditor") == {
        *("/api/events", "/api/accounts/{account_id:str}/history", "/api/entries", "/catalogue"),
        *("/api/users/{user_id:str}/entries", "/trace", "/trace/{named:path}"),
        "/api/trace/{correlation_id:path}",
    }
    assert paths("operator") == {"/api/projections"}


def test_a_guard_is_switched_on_for_all_routes_of_a_kind_of_user_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @get("/page", include_in_schema=False)
    async def page() -> None: ...

    @get("/read", include_in_schema=False)
    async def read() -> None: ...

    @get("/open", include_in_schema=False)
    async def opened() -> None: ...

    async def guard(connection: object, handler: object) -> None: ...

    monkeypatch.setitem(GUARDS, "teller", (guard,))
    nouns = [Noun(teller=(page, under_api(read))), Noun(public=(opened,))]
    app = Litestar(routers(nouns), openapi_config=None)
    guarded = {
        route.path: guard in handler.resolve_guards()
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    }
    assert guarded == {"/page": True, "/api/read": True, "/open": False}


def test_no_route_takes_a_parameter_that_it_does_not_know() -> None:
    """Litestar asks only the innermost `before_request`, and none for an ASGI application, which checks by itself."""
    routes = [route for router in routers(NOUNS) for route in router.routes]
    before = {
        route.path: {handler.resolve_before_request() for handler in route.route_handlers}
        for route in routes
        if isinstance(route, HTTPRoute)
    }
    assert {path: hooks for path, hooks in before.items() if hooks != {knows_its_parameters}} == {}
    assert {route.path for route in routes if not isinstance(route, HTTPRoute)} == {"/live"}
