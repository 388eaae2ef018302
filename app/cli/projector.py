"""`daybook projector`: runs one projector, with the log and the Redis of the settings."""

import argparse

from app.cli.verb import Verb
from app.settings import load


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="only check that one is running; exit 1 if none is"
    )


def run(arguments: argparse.Namespace) -> int:
    from app.processes.projector import check, projector

    (check if arguments.check else projector)(load())
    return 0


VERB = Verb("projector", "run only the projector, on servers that are up", run, (options,))
