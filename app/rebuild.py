"""`daybook rebuild`: read models anew from the log, beside the live ones; prove them and flip."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from redis.exceptions import RedisError

from app.addresses import servers
from app.refusal import Refusal
from app.settings import load
from eventstore.esdb import EsdbLog
from eventstore.store import StoreError
from projections.audit import audit_generation
from projections.engine.advance import Refused
from projections.engine.clients import writer
from projections.engine.rebuild import Progress, RebuildFailed, Report
from projections.engine.rebuild import rebuild as rebuild_all
from projections.readmodels import NAMES, named

TELL_EVERY: Final = 0.5


def rebuild(arguments: argparse.Namespace) -> int:
    names = known(arguments.projections)
    with servers(load(arguments)) as found, writer(found.redis_url) as client:
        event_log = EsdbLog(found.esdb_uri)
        try:
            models = [named(name) for name in names]
            reports = rebuild_all(event_log, client, models, audit_generation, report=told())
        except (RebuildFailed, Refused, StoreError, RedisError) as error:
            raise Refusal(f"nothing was flipped that was not proven: {error}", 1) from None
        finally:
            event_log.close()
    for report in reports:
        print(msgspec.json.encode(report).decode() if arguments.json else said(report))
    return 0


def known(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if name not in NAMES:
            raise Refusal(f"there is no projection {name!r}: choose from {', '.join(NAMES)}.")
    return list(dict.fromkeys(names)) or NAMES


def told() -> Callable[[Progress], None]:
    """Progress on standard error, at most every TELL_EVERY seconds."""
    last = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_EVERY:
            last = time.monotonic()
            done = 100 * progress.position / max(progress.head, 1)
            print(
                f"{done:3.0f} %  {progress.events:,} events, {progress.events_per_s:,.0f} a second, "
                f"{progress.eta:.0f} s left",
                file=sys.stderr,
                flush=True,
            )

    return tell


def said(report: Report) -> str:
    lines = [
        f"{report.projection}: {report.events:,} events in {report.seconds:.1f} s "
        f"({report.events_per_s:,.0f} a second), {report.keys:,} keys compared in {report.proof_seconds:.1f} s, "
        f"{report.differences} differences; generation {report.generation} is live."
    ]
    lines += [
        f"  {each.key} {each.member}: was {each.live}, now {each.rebuilt}".replace("  :", ":")
        for each in report.listed
    ]
    return "\n".join(lines)
