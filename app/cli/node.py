"""`daybook node`: runs the node's own command line, with the file in the data folder unless --data names another."""

import argparse
from pathlib import Path

from app.cli.verb import Verb
from app.messages import running as messages
from app.refusal import Refusal
from app.settings import load
from esdbnode.options import with_node


def options(parser: argparse.ArgumentParser) -> None:
    with_node(parser, default_data="node.sqlite in the data folder")


def run(arguments: argparse.Namespace) -> int:
    from esdbnode import commandline

    if not (arguments.memory or arguments.data):
        arguments.data = load().data / "node.sqlite"
        if not (arguments.verify or arguments.backup):
            _make(arguments.data.parent)
    return commandline.run_node(arguments)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refusal(messages.data_folder_of_node_unusable(str(folder), str(error.strerror))) from None


VERB = Verb("node", "run only the embedded, EventStoreDB-compatible node", run, (options,))
