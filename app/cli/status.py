"""`daybook status`: each read model's generation, position and lag, the streams that are stopped, the reactors."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from app.cli.verb import Verb, with_data, with_json
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import load

if TYPE_CHECKING:
    from projections.engine.status import Status
    from reactors.status import Status as ReactorStatus


def run(arguments: argparse.Namespace) -> int:
    import asyncio

    import msgspec

    from app.processes.addresses import servers
    from app.processes.reactor import look

    with servers(load(arguments), only_looks=True) as found:
        models = read_models(found.redis_url)
        for model in models:
            print(msgspec.json.encode(model).decode() if arguments.json else _sentence(model))
        if not arguments.json and models[0].trouble:
            print(models[0].trouble)
        try:
            acting, reactors = asyncio.run(look(found.esdb_uri))
        except Refusal as refusal:
            print(messages.refused("status", str(refusal)), file=sys.stderr)
            return 0
    print(msgspec.json.encode(acting).decode() if arguments.json else acting.sentence)
    for reactor in reactors:
        print(msgspec.json.encode(reactor).decode() if arguments.json else _of_reactor(reactor))
    return 0


def read_models(redis_url: str) -> tuple[Status, ...]:
    """Raises Refusal."""
    import asyncio

    return asyncio.run(_ask(redis_url))


async def _ask(redis_url: str) -> tuple[Status, ...]:
    from projections.engine.clients import reader
    from projections.engine.reading import ReadModelUnavailable
    from projections.engine.status import status
    from projections.readmodels import READ_MODELS

    async with reader(redis_url) as redis:
        try:
            return await status(redis, READ_MODELS)
        except ReadModelUnavailable as error:
            raise Refusal(messages.redis_silent(str(error)), 1) from None


def _of_reactor(reactor: ReactorStatus) -> str:
    first = messages.state_of_reactor(
        name=reactor.name,
        state=reactor.state,
        position=messages.AT_NO_POSITION
        if reactor.position is None
        else messages.at_position(reactor.position),
        head=reactor.head,
        tasks=reactor.tasks,
        stuck=reactor.stuck,
    )
    return f"{first}\n  {reactor.problem}" if reactor.problem else first


def _sentence(model: Status) -> str:
    age = model.heartbeat_age
    absent = messages.NO_HEARTBEAT if model.trouble else messages.NO_PROJECTOR
    first = messages.state_of_read_model(
        name=model.name,
        state=model.state,
        generation=str(model.generation or messages.NONE),
        position=messages.AT_NO_POSITION if model.position is None else messages.at_position(model.position),
        head=messages.UNKNOWN if model.head is None else str(model.head),
        stopped=model.parked,
        projector=absent if age is None else messages.heartbeat(age),
    )
    stopped = (messages.stream_stopped(each.stream, each.revision, each.reason) for each in model.stopped)
    return "\n  ".join((first, *stopped))


VERB = Verb(
    "status", "each read model's generation, position and lag; each reactor", run, (with_json, with_data)
)
