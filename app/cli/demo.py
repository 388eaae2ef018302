"""`daybook demo`: invented accounts with steady traffic, on the log that the settings name. `up --demo` starts it."""

import argparse

from app.cli.verb import Verb, whole_number
from app.settings import load


def with_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed",
        metavar="N",
        type=whole_number(2**32 - 1),
        default=1,
        help="seed of the story of --demo: another seed gives another story (default: 1)",
    )


def run(arguments: argparse.Namespace) -> int:
    from app.demo import process
    from app.logs import configure, format_for

    settings = load()
    esdb_uri, _ = settings.external_servers()
    configure("demo", settings.log, format_for(settings.log_format))
    return process.run(esdb_uri, arguments.seed)


VERB = Verb("demo", "", run, (with_seed,))
