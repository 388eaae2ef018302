"""`daybook status`: each projection's generation, position and lag."""

import argparse
import asyncio

import msgspec

from app.addresses import servers
from app.refusal import Refusal
from app.settings import load
from projections.engine import status as engine
from projections.engine.clients import reader
from projections.engine.reading import ReadModelUnavailable
from projections.engine.status import Status
from projections.readmodels import READ_MODELS


def status(arguments: argparse.Namespace) -> int:
    with servers(load(arguments)) as found:
        try:
            projections = asyncio.run(_ask(found.redis_url))
        except ReadModelUnavailable as error:
            raise Refusal(f"Redis does not answer: {error}", 1) from None
    for projection in projections:
        print(msgspec.json.encode(projection).decode() if arguments.json else _said(projection))
    return 0


async def _ask(redis_url: str) -> tuple[Status, ...]:
    async with reader(redis_url) as redis:
        return await engine.status(redis, READ_MODELS)


def _said(projection: Status) -> str:
    at = "nowhere" if projection.position is None else f"at {projection.position}"
    beat = projection.heartbeat_age
    projector = "no projector at work" if beat is None else f"heartbeat {beat:.1f} s ago"
    return (
        f"{projection.name}: {projection.state}, generation {projection.generation or 'none'}, {at}, "
        f"log at {'?' if projection.head is None else projection.head}, "
        f"{projection.parked} parked, {projector}"
    )
