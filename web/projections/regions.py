"""The live region of the status of read models and reactors: the band on the start page, the footer of every page."""

from typing import Final

from web.http.rendering import TemplateContext
from web.live.batch import Batch
from web.live.regions import Partials, Region
from web.live.sse_text import replace
from web.services import Services
from web.status import Status

_FRAGMENTS: Final = {"status": "projections/_status.html", "models": "projections/_models.html"}


async def _context(services: Services, _: str) -> TemplateContext:
    return _shown(services, await services.status.read())


def _shown(services: Services, status: Status) -> TemplateContext:
    return {"status": status, "stopped_reactors": services.stopped_reactors.problems}


async def _part(services: Services, _: str, batch: Batch) -> Partials | None:
    """All of it, but most often without reading it: the changes say how far the read models are."""
    status = services.status.known(batch.position or 0)
    if status is None:
        return None
    context = _shown(services, status)
    return tuple(replace(name, services.render(template, **context)) for name, template in _FRAGMENTS.items())


STATUS: Final = Region(
    topic="status",
    channels=None,
    fragments=_FRAGMENTS,
    context=_context,
    part=_part,
    is_part_all=True,
)
