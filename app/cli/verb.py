"""The type of a verb, and the options that several verbs share."""

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.messages import verbs as messages
from app.setup.bootstrap import Needs


class Verb(NamedTuple):
    """`--help` shows `does`, and does not list a verb whose `does` is empty.

    `run` returns the exit code: 0 done, 1 refused or something found wrong, 2 bad usage. A Refusal that it raises is
    printed, and its code is the exit code.
    """

    name: str
    does: str
    run: Callable[[argparse.Namespace], int]
    options: Sequence[Callable[[argparse.ArgumentParser], None]] = ()
    needs: Needs = Needs.NOTHING_MORE

    def needs_of(self, arguments: argparse.Namespace) -> Needs:
        """With `--reload` also the developers' tools."""
        return self.needs | (Needs.TOOLS if getattr(arguments, "reload", False) else Needs.NOTHING_MORE)


def with_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="data folder (DAYBOOK_DATA; default: ./var)")


def with_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="H", help="address to listen on (DAYBOOK_HOST; default: 127.0.0.1)")
    parser.add_argument(
        "--open",
        action="store_const",
        const="1",
        help="allow a --host that other machines can reach; there is no sign-in yet (DAYBOOK_OPEN=1)",
    )
    parser.add_argument("--port", metavar="P", help="port, 0 for any free one (DAYBOOK_PORT; default: 8000)")


def with_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, one document on each line")


def with_terms(parser: argparse.ArgumentParser, of: str = "the account or the person") -> None:
    """The options of a command: its id, and when it is recorded. The revision is that `of` something."""
    parser.add_argument(
        "--command-id",
        metavar="ID",
        help="any text up to 255 characters, for example a UUID: the same command with the same id is recorded once",
    )
    parser.add_argument(
        "--if-match",
        metavar="REVISION",
        type=whole_number(2**63 - 1),
        help=f"only if this is the last event of {of}",
    )
    parser.add_argument("--dry-run", action="store_true", help="decide the command, and record nothing")


def whole_number(most: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number from 0 to `most`."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) > most:
            raise argparse.ArgumentTypeError(messages.not_a_whole_number(text, most))
        return int(text)

    return parse
