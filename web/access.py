"""Who may use what. A noun says for each route for whom it is; rights are switched on here and nowhere else.

    public      everybody, signed in or not: health, static files, the API's description
    teller      who books, and what is needed for it
    auditor     who reads the log and what was made of it
    operator    who looks after the read models

All of them are open until people sign in.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from litestar import Router
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from web.http.rendering import Filters
from web.live.regions import Region

Route = BaseRouteHandler | Router


class Noun(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of `web/`: its routes by who may use them, its live regions, its Jinja filters and tests."""

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
            "/", route_handlers=[route for noun in listed for route in getattr(noun, users)], guards=guards
        )
        for users, guards in GUARDS.items()
    ]
