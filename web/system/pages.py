"""Pages about problems, and whether an entry is settled."""

from typing import Annotated

from litestar import MediaType, get
from litestar.params import Parameter
from litestar.response import Template

from web import messages
from web.http import requests
from web.http.answers import AnyRequest, problem_page
from web.http.parameters import LATEST
from web.http.problems import http_problem, type_named
from web.services import Services


@get("/settled", include_in_schema=False)
async def settled(services: Services, position: Annotated[int, Parameter(ge=0, le=LATEST)]) -> Template:
    """Whether the read models have reached the position of a form's entry; the answer waits a moment for them."""
    done = await services.positions.reached(position, "position")
    booked = {"position": position, "settled": done}
    return Template("accounts/_settling.html", context={"booked": booked}, media_type=MediaType.HTML)


@get("/problems/{name:str}", include_in_schema=False)
async def problem(request: AnyRequest, name: str) -> Template:
    """The page that a problem's `type` leads to."""
    found = type_named(name)
    if found is None:
        requests.refused(messages.UNKNOWN_PROBLEM.title)
        return problem_page(request, http_problem(404, *messages.UNKNOWN_PROBLEM))
    title, advice = found.explanation
    return problem_page(request, http_problem(200, title, messages.explained(advice, found.status, name)))
