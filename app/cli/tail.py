"""`daybook tail`: events as they are recorded, oldest first."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.cli.verb import Verb, whole_number, with_data, with_json
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import load

if TYPE_CHECKING:
    from eventstore.esdb import EsdbLog
    from eventstore.store import Recorded


def options(parser: argparse.ArgumentParser) -> None:
    position = whole_number(2**63 - 1)
    parser.add_argument("--type", metavar="T", help="only events of this type, for example MoneyDeposited")
    parser.add_argument("--stream", metavar="S", help="only this stream, for example account-42")
    parser.add_argument(
        "--from", metavar="POSITION", type=position, dest="start", help="default: the beginning"
    )
    parser.add_argument("--follow", action="store_true", help="wait for new events until Ctrl-C")


def run(arguments: argparse.Namespace) -> int:
    from app.processes.addresses import servers
    from eventstore.esdb import EsdbLog
    from eventstore.store import StoreError

    with servers(load(arguments), only_looks=True) as found:
        event_log = EsdbLog(found.esdb_uri)
        try:
            for recorded in _events(event_log, arguments):
                print(_json(recorded) if arguments.json else _line(recorded), flush=arguments.follow)
        except StoreError as error:
            raise Refusal(messages.log_silent(str(error)), 1) from None
        except BrokenPipeError:
            return 0
        finally:
            event_log.close()
    return 0


def _events(event_log: EsdbLog, arguments: argparse.Namespace) -> Iterator[Recorded]:
    from domain.accounts import ACCOUNTS
    from eventstore.store import Recorded

    prefixes = (arguments.stream or f"{ACCOUNTS.category}-",)
    after = arguments.start - 1 if arguments.start else None
    read = event_log.subscribe if arguments.follow else event_log.read
    subscription = read(prefixes=prefixes, after=after)
    try:
        for message in subscription:
            if isinstance(message, Recorded) and _is_wanted(message, arguments):
                yield message
    finally:
        subscription.stop()


def _is_wanted(recorded: Recorded, arguments: argparse.Namespace) -> bool:
    return recorded.stream == (arguments.stream or recorded.stream) and (
        recorded.type == (arguments.type or recorded.type)
    )


def _line(recorded: Recorded) -> str:
    from eventstore.codec import as_json
    from eventstore.store import time_of

    at = time_of(recorded).isoformat(timespec="milliseconds")
    name = f"{recorded.stream}/{recorded.revision}"
    return f"{recorded.position:>10}  {at}  {name}  {recorded.type}  {bytes(as_json(recorded.data)).decode()}"


def _json(recorded: Recorded) -> str:
    import msgspec

    from eventstore.codec import as_json
    from eventstore.store import time_of

    return msgspec.json.encode(
        {
            "position": recorded.position,
            "stream": recorded.stream,
            "revision": recorded.revision,
            "event_id": recorded.event_id,
            "type": recorded.type,
            "at": time_of(recorded),
            "data": as_json(recorded.data),
            "metadata": as_json(recorded.metadata),
        }
    ).decode()


VERB = Verb("tail", "show events as they are recorded", run, (options, with_json, with_data))
