"""The live region of the read models' status: the band on the start page, and the footer of every page."""

from typing import Final

from web.http.rendering import TemplateContext
from web.live import status
from web.live.regions import Region
from web.services import Services


async def _status(services: Services, _: str) -> TemplateContext:
    return {"status": await status.read(services.redis, services.log_id)}


STATUS: Final = Region(
    topic="status",
    channels=None,
    fragments={"status": "projections/_status.html", "models": "projections/_models.html"},
    context=_status,
)
