"""The read models in the JSON API."""

import msgspec
from litestar import get

from projections.engine.status import Status
from web.http.bodies import problems
from web.services import Services


class ProjectionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`position` is the position that all of them have reached; null while one is missing."""

    position: int | None
    projections: tuple[Status, ...]


@get("/projections", responses=problems(400, 422, 503))
async def read_projections(services: Services) -> ProjectionsAnswer:
    """Each read model's generation and position, and whether a projector is running."""
    found = await services.status.read()
    return ProjectionsAnswer(position=found.position, projections=found.projections)
