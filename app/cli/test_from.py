"""`daybook test-from`: writes a recorded stream out as a given/when/then test, without personal data."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.verb import Verb, whole_number, with_data
from app.messages import accounts as messages
from app.messages import verbs
from app.refusal import Refusal
from app.settings import Settings, load

if TYPE_CHECKING:
    from app.specs.kinds import Kind
    from domain.decider import Event


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stream", metavar="STREAM", help="for example account-42")
    parser.add_argument(
        "--revision",
        metavar="N",
        type=whole_number(2**63 - 1),
        help="test the command that led to this event (default: the last one)",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the test to this file")


def run(arguments: argparse.Namespace) -> int:
    from app.specs.module import Undecided, module

    kind = _kind(arguments.stream)
    events = _recorded(load(arguments), arguments.stream, kind)
    revision = len(events) - 1 if arguments.revision is None else arguments.revision
    if not 0 <= revision < len(events):
        raise Refusal(messages.no_such_revision(arguments.stream, revision, len(events) - 1), 1)
    try:
        text = module(kind, events, revision)
    except Undecided:
        raise Refusal(messages.not_decided(arguments.stream, revision), 1) from None
    _write(text, arguments.out)
    return 0


def _kind(stream: str) -> Kind:
    from app.specs.kinds import KINDS
    from domain.errors import InvalidInput

    category, dash, aggregate_id = stream.partition("-")
    if not dash or category not in KINDS:
        raise Refusal(messages.not_a_stream(stream, [f"{name}-ID" for name in KINDS]))
    try:
        KINDS[category].parse_id(aggregate_id)
    except InvalidInput as error:
        raise Refusal(str(error)) from None
    return KINDS[category]


def _recorded(settings: Settings, stream: str, kind: Kind) -> Sequence[Event]:
    from app.processes.addresses import servers
    from eventstore.store import StoreError, StreamStopped

    with servers(settings, only_looks=True) as found:
        try:
            events = asyncio.run(_read(found.esdb_uri, stream, kind))
        except StreamStopped as error:
            raise Refusal(verbs.stream_stopped(stream, error.revision, error.reason), 1) from None
        except StoreError as error:
            raise Refusal(verbs.log_silent(str(error)), 1) from None
    if not events:
        raise Refusal(messages.no_such_stream(stream), 1)
    return events


async def _read(uri: str, stream: str, kind: Kind) -> Sequence[Event]:
    from app.specs.reading import events_of
    from eventstore.esdb import EsdbStore

    store = EsdbStore(uri)
    try:
        return await events_of(store, stream, kind.decider)
    finally:
        await store.close()


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text)
    except OSError as error:
        raise Refusal(messages.not_written(str(out), str(error.strerror)), 1) from None


VERB = Verb("test-from", "write a recorded stream out as a test", run, (options, with_data))
