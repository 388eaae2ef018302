"""The live region of the status of read models and reactors: the band on the start page, the footer of every page."""

from typing import Final

from web.http.rendering import TemplateContext
from web.live import status
from web.live.regions import Region
from web.services import Services


async def _status(services: Services, _: str) -> TemplateContext:
    return {
        "status": await status.read(services.redis, services.log_id),
        "stopped_reactors": services.stopped_reactors.problems,
    }


STATUS: Final = Region(
    topic="status",
    channels=None,
    fragments={"status": "projections/_status.html", "models": "projections/_models.html"},
    context=_status,
)
