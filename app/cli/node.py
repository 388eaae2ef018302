"""`daybook node`: only the embedded node, in this process's place; a backup or a check of its data file."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from app.cli.verb import Verb, whole_number
from app.refusal import Refusal
from app.settings import load

_DOORS = ("tls_cert", "tls_key", "users")


def options(parser: argparse.ArgumentParser) -> None:
    port = whole_number(65_535)
    parser.add_argument(
        "--port", metavar="P", type=port, default=2113, help="0 for any free one (default: 2113)"
    )
    parser.add_argument(
        "--host", metavar="H", default="127.0.0.1", help="beyond this machine only with TLS and users"
    )
    parser.add_argument("--projections", action="store_true", help="write links by category and event type")
    parser.add_argument("--tls-cert", metavar="F", help="the certificate, PEM")
    parser.add_argument("--tls-key", metavar="F", help="its key, PEM, without a passphrase")
    parser.add_argument("--users", metavar="F", help="the users who may sign in: made with node-user")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", metavar="FILE", help="the log's file (default: in the data folder)")
    where.add_argument("--memory", action="store_true", help="keep nothing")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--backup", metavar="FILE", help="only copy the log, which may be in use, to a new file"
    )
    instead.add_argument("--verify", action="store_true", help="only check the log; exit 1 if it is damaged")
    parser.add_argument("--json", action="store_true", help="print what --verify found as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    if arguments.backup or arguments.verify:
        return _look_after(arguments)
    return _start(arguments)


def _start(arguments: argparse.Namespace) -> NoReturn:
    store = ["--memory"] if arguments.memory else ["--data", arguments.data or str(_kept_in(load().data))]
    options = ["--projections"] if arguments.projections else []
    for name in _DOORS:
        if file := getattr(arguments, name):
            options += [f"--{name.replace('_', '-')}", file]
    address = ["--host", arguments.host, "--port", str(arguments.port)]
    python = sys.executable
    os.execv(python, [python, "-P", "-m", "embedded.node", *address, *store, *options])  # noqa: S606


def _kept_in(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refusal(
            f"cannot use the data folder {data}: {error.strerror}. Name a file with --data."
        ) from None
    return data / "node.sqlite"


def _look_after(arguments: argparse.Namespace) -> int:
    """Works also while a node has the file open."""
    from embedded.storage.backup import CannotBackUp
    from embedded.storage.database import CannotOpen

    data = Path(arguments.data or load().data / "node.sqlite")
    try:
        return _verify(data, arguments.json) if arguments.verify else _back_up(data, Path(arguments.backup))
    except (CannotOpen, CannotBackUp) as error:
        raise Refusal(str(error), 1) from None


def _back_up(data: Path, to: Path) -> int:
    from embedded.storage.backup import back_up

    size = back_up(data, to)
    print(f"Backed up {data} to {to}: {size:,} bytes. To restore it, start a node on a copy of it.")
    return 0


def _verify(data: Path, as_json: bool) -> int:
    from embedded.storage.checking import verify

    report = verify(data)
    if as_json:
        print(json.dumps({"file": str(data), **report._asdict()}))
    elif report.problems:
        print(f"{data} is damaged:", *report.problems, sep="\n  ")
        print("Stop the node, copy a backup to a new file, and start the node on that copy with --data.")
    else:
        print(f"{data}: {report.events:,} events in {report.streams:,} streams, intact")
    return 1 if report.problems else 0


VERB = Verb("node", "run only the embedded, EventStoreDB-compatible node", run, (options,))
