"""`daybook up`: runs the node, Valkey, the projector and the web processes under one supervisor."""

import argparse

from app.cli.demo import with_seed
from app.cli.verb import Verb, with_address, with_data
from app.settings import load
from app.setup.bootstrap import Needs


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--web", metavar="N", help="web processes on one port (DAYBOOK_WEB; default: 1)")
    parser.add_argument("--demo", action="store_true", help="with invented accounts and steady traffic")
    with_seed(parser)
    parser.add_argument(
        "--reload", action="store_true", help="for developers: restart what changed and reload open pages"
    )


def run(arguments: argparse.Namespace) -> int:
    from app.processes.up import up

    demo = arguments.seed if arguments.demo else None
    up(load(arguments), demo=demo, reload=arguments.reload)
    return 0


VERB = Verb(
    "up", "start everything and serve the pages", run, (with_address, with_data, options), Needs.PAGES
)
