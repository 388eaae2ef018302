"""`daybook verify`: compares the read models with the log, entry by entry, and says how far both go."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.cli.verb import Verb, with_data, with_json
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import load

if TYPE_CHECKING:
    from projections.audit.report import Report


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 1 if anything differs or is behind."""
    report = _compared(arguments)
    print(_json(report) if arguments.json else "\n".join(_sentences(report)))
    return 0 if report.equal else 1


def _compared(arguments: argparse.Namespace) -> Report:
    from redis.exceptions import RedisError

    from app.processes.addresses import servers
    from eventstore.esdb import EsdbLog
    from eventstore.store import StoreError
    from projections.audit import StandsStill
    from projections.audit.report import report
    from projections.engine.clients import writer
    from projections.engine.generations import Gone

    with servers(load(arguments), only_looks=True) as found, writer(found.redis_url) as client:
        event_log = EsdbLog(found.esdb_uri)
        try:
            return report(event_log, client)
        except (StandsStill, Gone, StoreError, RedisError) as error:
            raise Refusal(messages.not_compared(str(error)), 1) from None
        finally:
            event_log.close()


def _json(report: Report) -> str:
    import msgspec

    behind = [{"projection": name, "position": position} for name, position in report.behind.items()]
    found = {"equal": report.equal, **msgspec.structs.asdict(report), "behind": behind}
    return msgspec.json.encode(found).decode()


def _sentences(report: Report) -> Iterator[str]:
    for name, position in report.behind.items():
        yield messages.behind(name, position)
    yield from report.differences
    if report.position is None:
        yield messages.nothing_compared(report.head)
        return
    yield messages.compared(report.position, report.head)
    if not report.differences:
        yield messages.EQUAL


VERB = Verb("verify", "compare the read models with the log", run, (with_json, with_data))
