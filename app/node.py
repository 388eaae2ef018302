"""`daybook node`: the embedded node alone, in this process's place; a backup or a check of its data file."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from app.refusal import Refusal
from app.settings import load
from embedded.storage.backup import CannotBackUp, back_up
from embedded.storage.checking import verify
from embedded.storage.database import CannotOpen

_DOORS = ("tls_cert", "tls_key", "users")


def node(arguments: argparse.Namespace) -> int:
    if arguments.backup or arguments.verify:
        return _look_after(arguments)
    return _run(arguments)


def _run(arguments: argparse.Namespace) -> NoReturn:
    store = ["--memory"] if arguments.memory else ["--data", arguments.data or str(_kept_in(load().data))]
    options = ["--projections"] if arguments.projections else []
    for name in _DOORS:
        if file := getattr(arguments, name):
            options += [f"--{name.replace('_', '-')}", file]
    address = ["--host", arguments.host, "--port", str(arguments.port)]
    python = sys.executable
    os.execv(python, [python, "-P", "-m", "embedded.node", *address, *store, *options])  # noqa: S606


def _look_after(arguments: argparse.Namespace) -> int:
    """Also while a node has the file open."""
    data = Path(arguments.data or load().data / "node.sqlite")
    try:
        return _verify(data, arguments.json) if arguments.verify else _back_up(data, Path(arguments.backup))
    except (CannotOpen, CannotBackUp) as error:
        raise Refusal(str(error), 1) from None


def _back_up(data: Path, to: Path) -> int:
    size = back_up(data, to)
    print(f"Backed up {data} to {to}: {size:,} bytes. To restore it, start a node on a copy of it.")
    return 0


def _verify(data: Path, as_json: bool) -> int:
    report = verify(data)
    if as_json:
        print(json.dumps({"file": str(data), **report._asdict()}))
    elif report.problems:
        print(f"{data} is damaged:", *report.problems, sep="\n  ")
        print(
            "Stop the node and restore a backup: start it on a copy of that, under a new name, with --data."
        )
    else:
        print(f"{data}: {report.events:,} events in {report.streams:,} streams, intact")
    return 1 if report.problems else 0


def _kept_in(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refusal(
            f"cannot use the data folder {data}: {error.strerror}. Name a file with --data."
        ) from None
    return data / "node.sqlite"
