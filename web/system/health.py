"""Whether this process runs, and whether everything that it needs runs."""

import asyncio
import logging
import os
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, Final, NamedTuple

from litestar import Response, get

from eventstore.store import StoreError
from projections.engine.reading import ReadModelUnavailable
from projections.messages import stopped
from reactors import REACTORS
from reactors.status import status as reactors_status
from web import messages
from web.http.assets import REQUIRED, Assets
from web.services import Services
from web.status import Status

DEADLINE: Final = 2.0
OK: Final = "ok"

_log: Final = logging.getLogger("daybook.web")


class _Part(NamedTuple):
    is_ready: bool
    said: str = OK


class Readiness:
    """Says in the log when the parts that fail are others than at the last answer of this process."""

    def __init__(self) -> None:
        self._failing: Collection[str] = ()
        self._was_ready = False

    def note(self, failing: Mapping[str, str]) -> None:
        """By name of the part, what is wrong with it. Before the process was ever ready, it is only starting."""
        before, self._failing = self._failing, failing.keys()
        if failing.keys() != set(before):
            level = logging.WARNING if self._was_ready else logging.INFO
            named = [f"{name}: {wrong}" for name, wrong in failing.items()]
            _log.log(level, "%s", messages.not_ready(named) if named else messages.READY)
        self._was_ready = self._was_ready or not failing


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str | int]:
    return {"status": OK, "pid": os.getpid()}


@get("/health/ready", include_in_schema=False)
async def ready(services: Services, assets: Assets, readiness: Readiness) -> Response[Any]:
    """Each part with "ok" or what is wrong with it; 503 if anything is wrong. `pid` is the process that answers."""
    log, (models, projector, warnings), reactors = await asyncio.gather(
        _checked(_store(services)), _read_side(services), _checked(_reactors(services))
    )
    missing = [name for name in REQUIRED if name not in assets.addresses]
    parts = {
        "log": log,
        "read_models": models,
        "projector": projector,
        "reactors": reactors,
        "static": _Part(not missing, messages.not_built(missing) if missing else OK),
    }
    failing = {name: part.said for name, part in parts.items() if not part.is_ready}
    readiness.note(failing)
    is_ready = not failing
    said = {name: part.said for name, part in parts.items()}
    answer = {
        "status": OK if is_ready else "not ready",
        "parts": said,
        "warnings": warnings,
        "pid": os.getpid(),
    }
    headers = {"Cache-Control": "no-store"} | ({} if is_ready else {"Retry-After": "1"})
    return Response(answer, status_code=200 if is_ready else 503, headers=headers)


async def _read_side(services: Services) -> tuple[_Part, _Part, list[str]]:
    """The read models, the projector, and the warnings, from one look at Redis."""
    found: list[Status] = []

    async def look() -> _Part:
        found.append(await services.status.read())
        return _Part(True)

    looked = await _checked(look())
    if not found:
        return looked, looked, []
    return _read_models(found[0]), _projector(found[0]), _warnings(found[0])


async def _checked(check: Coroutine[Any, Any, _Part]) -> _Part:
    try:
        async with asyncio.timeout(DEADLINE):
            return await check
    except (StoreError, ReadModelUnavailable) as error:
        return _Part(False, str(error))
    except TimeoutError:
        return _Part(False, messages.no_answer_within(DEADLINE))


async def _store(services: Services) -> _Part:
    await services.store.head()
    return _Part(True)


async def _reactors(services: Services) -> _Part:
    """One that is stopped makes nobody unready: pages and commands are right without it."""
    problems = [each.problem for each in await reactors_status(services.store, REACTORS) if each.problem]
    return _Part(True, " ".join(problems) or OK)


def _read_models(found: Status) -> _Part:
    """A read model that is being rebuilt does not make the others unhealthy."""
    if found.trouble:
        return _Part(False, found.trouble)
    if found.position is None:
        return _Part(False, messages.REBUILDING)
    return _Part(True, messages.ok_but_rebuilding(found.rebuilding) if found.rebuilding else OK)


def _warnings(found: Status) -> list[str]:
    """A sentence for each stopped stream, of which the rest of Daybook does not take notice."""
    reasons = {each.stream: each.reason for model in found.projections for each in model.stopped}
    return [stopped(stream, reason) for stream, reason in reasons.items()]


def _projector(found: Status) -> _Part:
    if found.is_foreign:
        return _Part(False, messages.OTHER_LOG)
    return _Part(True) if found.is_followed else _Part(False, found.trouble or messages.NO_HEARTBEAT)
