"""`daybook web`: runs one web process, with the log and the Redis of the settings."""

import argparse

from app.cli.verb import Verb, whole_number, with_address, with_data
from app.settings import MOST_WEB, load
from app.setup.bootstrap import Needs

HIGHEST_DESCRIPTOR = 2**20


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--socket",
        metavar="FD",
        type=whole_number(HIGHEST_DESCRIPTOR),
        help="serve on the listening socket that the parent process passes on as this file descriptor",
    )
    parser.add_argument(
        "--number",
        metavar="K",
        type=whole_number(MOST_WEB),
        help="its number among the web processes on that socket, for the logs",
    )


def run(arguments: argparse.Namespace) -> int:
    from app.importing.importer import importing_in_processes
    from app.processes.web import web

    web(load(arguments), importing_in_processes, descriptor=arguments.socket, number=arguments.number)
    return 0


VERB = Verb(
    "web",
    "run only the web process, on servers that are up",
    run,
    (with_address, with_data, options),
    Needs.PAGES,
)
