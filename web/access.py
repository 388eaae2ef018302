"""Who may use which route. A noun says for each route who it is for; rights are switched on only here.

    public      everyone, signed in or not: health, static files, the API's description
    teller      people who book entries, and what they need for it
    auditor     people who read the log and the read models
    operator    people who look after the read models

All of them are open as long as there is no sign-in.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from litestar import Router
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from web.http.parameters import knows_its_parameters
from web.http.rendering import Filters
from web.live.regions import Region

Route = BaseRouteHandler | Router


class Noun(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of `web/` provides: routes by who may use them, live regions, Jinja filters and tests."""

    public: Sequence[Route] = ()
    teller: Sequence[Route] = ()
    auditor: Sequence[Route] = ()
    operator: Sequence[Route] = ()
    regions: Sequence[Region] = ()
    filters: Filters = {}
    tests: Filters = {}


GUARDS: Final[dict[str, Sequence[Guard]]] = {"public": (), "teller": (), "auditor": (), "operator": ()}


def routers(nouns: Iterable[Noun]) -> list[Router]:
    """The four routers."""
    listed = tuple(nouns)
    return [
        Router(
            "/",
            route_handlers=[route for noun in listed for route in getattr(noun, users)],
            before_request=knows_its_parameters,
            guards=guards,
        )
        for users, guards in GUARDS.items()
    ]
