"""`daybook reactor`: runs the reactors, with the log of the settings."""

import argparse

from app.cli.verb import Verb, with_data
from app.settings import load


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check",
        action="store_true",
        help="only check that nothing waits for them; exit 1 if something does",
    )


def run(arguments: argparse.Namespace) -> int:
    from app.processes.reactor import check, reactor

    (check if arguments.check else reactor)(load(arguments))
    return 0


VERB = Verb("reactor", "run only the reactors, on a log that is up", run, (with_data, options))
