"""`daybook trace ID`: what led to what, as a tree with times."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.verb import Verb, whole_number, with_data, with_json
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import load

if TYPE_CHECKING:
    from app.processes.addresses import Servers
    from projections.causes import Step, Trace

_INDENT = "  "


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "correlation_id", metavar="CORRELATION_ID", help="for example the X-Correlation-ID of an answer"
    )
    position = whole_number(2**63 - 1)
    parser.add_argument("--after", metavar="POSITION", type=position, help="only events after this position")


def run(arguments: argparse.Namespace) -> int:
    import asyncio

    import msgspec

    from app.processes.addresses import servers
    from web.trace.api import TraceAnswer

    with servers(load(arguments), only_looks=True) as found:
        trace = asyncio.run(_ask(found, arguments.correlation_id, arguments.after))
    if trace is None:
        raise Refusal(messages.no_trace(arguments.correlation_id), 1)
    if arguments.json:
        print(msgspec.json.encode(TraceAnswer.of(trace)).decode())
        return 0
    for step in trace.steps:
        print(_line(step))
    if trace.more:
        print(messages.more_events(trace.more, trace.last))
    return 0


async def _ask(found: Servers, correlation_id: str, after: int | None) -> Trace | None:
    """Raises Refusal."""
    from eventstore.esdb import EsdbStore
    from eventstore.store import StoreError
    from projections.causes import trace
    from projections.engine.clients import reader
    from projections.engine.reading import ReadModelUnavailable

    store = EsdbStore(found.esdb_uri)
    try:
        async with reader(found.redis_url) as redis:
            return await trace(redis, store, correlation_id, after=-1 if after is None else after)
    except ReadModelUnavailable as error:
        raise Refusal(messages.not_traced(str(error)), 1) from None
    except StoreError as error:
        raise Refusal(messages.log_silent(str(error)), 1) from None
    finally:
        await store.close()


def _line(step: Step) -> str:
    from domain.money import format_amount
    from projections.causes import money_of
    from web.http.formats import lapse, machine_time

    recorded, money = step.recorded, money_of(step.recorded)
    about = (
        f"{recorded.stream}/{recorded.revision}",
        recorded.type,
        *([] if money is None else [format_amount(money.units, money.currency), money.currency]),
    )
    said = messages.given_by("  ".join(about), step.origin.actor)
    return f"{machine_time(recorded.created)}  {lapse(step.after):>12}  {_INDENT * step.depth}{said}"


VERB = Verb("trace", "show what led to what in one request", run, (options, with_json, with_data))
