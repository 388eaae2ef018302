"""`daybook servers`: runs only the node and Valkey, for a command that found none running (`addresses.servers`)."""

import argparse

from app.cli.verb import Verb, with_data
from app.settings import load


def run(arguments: argparse.Namespace) -> int:
    from app.processes.up import keep_servers

    keep_servers(load(arguments))
    return 0


VERB = Verb("servers", "", run, (with_data,))
