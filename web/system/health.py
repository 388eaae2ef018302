"""Whether this process runs, and whether everything that it needs runs."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from litestar import Response, get

from eventstore.store import StoreError
from projections.engine.reading import ReadModelUnavailable
from web.http.assets import REQUIRED, Assets
from web.live import status
from web.services import Services

DEADLINE: Final = 2.0


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    return {"status": "ok"}


@get("/health/ready", include_in_schema=False)
async def ready(services: Services, assets: Assets) -> Response[Any]:
    """Each part with "ok" or what is wrong with it; 503 if anything is wrong."""
    log, models, projector = await asyncio.gather(
        _checked(_log(services)), _checked(_read_models(services)), _checked(_projector(services))
    )
    missing = [name for name in REQUIRED if name not in assets.addresses]
    parts = {
        "log": log,
        "read_models": models,
        "projector": projector,
        "static": f"not built: {', '.join(missing)}" if missing else "ok",
    }
    is_ready = all(part.startswith("ok") for part in parts.values())
    answer = {
        "status": "ok" if is_ready else "not ready",
        "parts": parts,
        "warnings": await _warnings(services),
    }
    headers = {"Cache-Control": "no-store"} | ({} if is_ready else {"Retry-After": "1"})
    return Response(answer, status_code=200 if is_ready else 503, headers=headers)


async def _checked(check: Coroutine[Any, Any, str]) -> str:
    try:
        async with asyncio.timeout(DEADLINE):
            return await check
    except (StoreError, ReadModelUnavailable) as error:
        return str(error)
    except TimeoutError:
        return f"no answer within {DEADLINE:g} s"


async def _log(services: Services) -> str:
    await services.store.head()
    return "ok"


async def _read_models(services: Services) -> str:
    """A read model that is being rebuilt does not make the others unhealthy."""
    found = await status.read(services.redis, services.log_id)
    if found.trouble:
        return found.trouble
    if found.position is None:
        return "rebuilding"
    return f"ok, but being rebuilt: {', '.join(found.rebuilding)}" if found.rebuilding else "ok"


async def _warnings(services: Services) -> list[str]:
    """A sentence for each stopped stream, of which the rest of Daybook does not take notice."""
    try:
        async with asyncio.timeout(DEADLINE):
            found = await status.read(services.redis, services.log_id)
    except (ReadModelUnavailable, TimeoutError):
        return []
    stopped = {each.stream: each for model in found.projections for each in model.stopped}
    return [f"{each.stream} is stopped. {each.reason}" for each in stopped.values()]


async def _projector(services: Services) -> str:
    found = await status.read(services.redis, services.log_id)
    if found.is_foreign:
        return "the projector follows another log than this process: give each log a Redis of its own"
    return "ok" if found.is_followed else found.trouble or "no heartbeat"
