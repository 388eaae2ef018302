"""`daybook node-user`: runs the command of the node's own package."""

import argparse

from app.cli.verb import Verb
from esdbnode.options import with_user


def run(arguments: argparse.Namespace) -> int:
    from esdbnode.commandline import add_user

    return add_user(arguments)


VERB = Verb("node-user", "add a user of the node, password from standard input", run, (with_user,))
