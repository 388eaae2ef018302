"""`daybook rebuild`: makes read models again from the log, next to the live ones; proves them and flips."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from app.cli.verb import Verb, with_data
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import load

if TYPE_CHECKING:
    from projections.engine.rebuild import Progress, Report

PROGRESS_SECONDS: Final = 0.5
"""The shortest time between two lines of progress."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("models", nargs="*", metavar="MODEL", help="a read model (default: all of them)")
    parser.add_argument(
        "--roll-back",
        action="store_true",
        help="instead go back to the previous generation; name the read model",
    )
    parser.add_argument(
        "--json", action="store_true", help="print a JSON document on a line for each read model"
    )


def run(arguments: argparse.Namespace) -> int:
    import msgspec

    names = known(arguments.models)
    if arguments.roll_back:
        return _roll_back(arguments, names)
    for report in _rebuilt(arguments, names):
        print(msgspec.json.encode(report).decode() if arguments.json else sentence(report))
    return 0


def known(names: Sequence[str]) -> Sequence[str]:
    from projections.readmodels import NAMES

    for name in names:
        if name not in NAMES:
            raise Refusal(messages.not_a_read_model(name, NAMES))
    return list(dict.fromkeys(names)) or NAMES


def _rebuilt(arguments: argparse.Namespace, names: Sequence[str]) -> Sequence[Report]:
    from redis.exceptions import RedisError

    from app.processes.addresses import servers
    from eventstore.esdb import EsdbLog
    from eventstore.store import StoreError
    from projections.audit import audit_generation
    from projections.engine.advance import Refused
    from projections.engine.clients import writer
    from projections.engine.rebuild import RebuildFailed, rebuild
    from projections.readmodels import named

    with servers(load(arguments)) as found, writer(found.redis_url) as client:
        event_log = EsdbLog(found.esdb_uri)
        try:
            models = [named(name) for name in names]
            return rebuild(event_log, client, models, audit_generation, report=progress_lines())
        except (RebuildFailed, Refused, StoreError, RedisError) as error:
            raise Refusal(messages.rebuild_failed(str(error)), 1) from None
        finally:
            event_log.close()


def _roll_back(arguments: argparse.Namespace, names: Sequence[str]) -> int:
    import msgspec
    from redis.exceptions import RedisError

    from app.processes.addresses import servers
    from projections.engine.clients import writer
    from projections.engine.rebuild import RebuildFailed, roll_back

    if not arguments.models:
        raise Refusal(messages.NAME_A_READ_MODEL)
    with servers(load(arguments)) as found, writer(found.redis_url) as client:
        for name in names:
            try:
                number = roll_back(client, name)
            except (RebuildFailed, RedisError) as error:
                raise Refusal(messages.not_rolled_back(name, str(error)), 1) from None
            report = {"projection": name, "generation": number}
            as_text = messages.rolled_back(name, number)
            print(msgspec.json.encode(report).decode() if arguments.json else as_text, flush=True)
    return 0


def progress_lines() -> Callable[[Progress], None]:
    """Prints progress on standard error, at most every PROGRESS_SECONDS."""
    last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_SECONDS:
            last = time.monotonic()
            done = 100 * progress.position / max(progress.head, 1)
            print(
                f"{done:3.0f} %  {progress.events:,} events, {progress.events_per_s:,.0f} a second, "
                f"{progress.eta:.0f} s left",
                file=sys.stderr,
                flush=True,
            )

    return show


def sentence(report: Report) -> str:
    first = messages.rebuilt(
        report.projection,
        events=report.events,
        seconds=report.seconds,
        events_per_s=round(report.events_per_s),
        keys=report.keys,
        proof_seconds=report.proof_seconds,
        differences=report.differences,
        generation=report.generation,
    )
    cells = (
        messages.cell_differed(f"{each.key} {each.member}".rstrip(), each.live, each.rebuilt)
        for each in report.listed
    )
    return "\n  ".join((first, *cells))


VERB = Verb("rebuild", "make read models again from the log, prove them, flip", run, (options, with_data))
