"""`daybook web`: runs one web process, with the log and the Redis of the settings."""

import argparse

from app.cli.verb import Verb, with_address, with_data
from app.settings import load
from app.setup.bootstrap import Needs


def run(arguments: argparse.Namespace) -> int:
    from app.processes.web import web

    web(load(arguments))
    return 0


VERB = Verb(
    "web", "run only the web process, on servers that are up", run, (with_address, with_data), Needs.PAGES
)
