"""The live region of the status of read models and reactors: the band on the start page, the footer of every page."""

from typing import Final

from web.http.rendering import TemplateContext
from web.live.batch import Batch
from web.live.regions import Region
from web.services import Services
from web.status import Status


async def _context(services: Services, _: str) -> TemplateContext:
    return _shown(services, await services.status.read())


def _shown(services: Services, status: Status) -> TemplateContext:
    return {"status": status, "stopped_reactors": services.stopped_reactors.problems}


def _told(services: Services, batch: Batch) -> TemplateContext | None:
    """The changes say how far the read models are; that is all that differs while all is well."""
    status = services.status.known(batch.position or 0)
    return None if status is None else _shown(services, status)


STATUS: Final = Region(
    topic="status",
    channels=None,
    fragments={"status": "projections/_status.html", "models": "projections/_models.html"},
    context=_context,
    told=_told,
)
