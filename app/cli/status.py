"""`daybook status`: each projection's generation, position and lag."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.verb import Verb, with_data, with_json
from app.refusal import Refusal
from app.settings import load

if TYPE_CHECKING:
    from projections.queries import ProjectionStatus


def run(arguments: argparse.Namespace) -> int:
    import asyncio

    import msgspec

    from app.processes.addresses import servers

    with servers(load(arguments)) as found:
        projections = asyncio.run(_ask(found.redis_url))
    for projection in projections:
        print(msgspec.json.encode(projection).decode() if arguments.json else _sentence(projection))
    return 0


async def _ask(redis_url: str) -> tuple[ProjectionStatus, ...]:
    from projections import queries
    from projections.clients import reader

    async with reader(redis_url) as redis:
        try:
            return await queries.status(redis)
        except queries.ReadModelUnavailable as error:
            raise Refusal(f"Redis does not answer: {error}", 1) from None


def _sentence(projection: ProjectionStatus) -> str:
    position = "at no position yet" if projection.position is None else f"at {projection.position}"
    age = projection.heartbeat_age
    projector = "no projector is running" if age is None else f"heartbeat {age:.1f} s ago"
    return (
        f"{projection.name}: {projection.state}, generation {projection.generation or 'none'}, {position}, "
        f"log at {'?' if projection.head is None else projection.head}, "
        f"{projection.parked} parked, {projector}"
    )


VERB = Verb("status", "each projection's generation, position and lag", run, (with_json, with_data))
