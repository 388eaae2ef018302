"""`daybook up`: the node, Valkey, the projector and the web, under one supervisor."""

import argparse

from app.cli.verb import Verb, with_address, with_data
from app.settings import load
from app.setup.bootstrap import Needs


def run(arguments: argparse.Namespace) -> int:
    from app.processes.up import up

    up(load(arguments))
    return 0


VERB = Verb("up", "start everything and serve the pages", run, (with_address, with_data), Needs.PAGES)
