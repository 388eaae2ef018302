"""The options of the command line. Standard library and wording only: bad usage is refused before any other import."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from esdbnode.wording import startup

ADD_USER = "add-user"


class Parser(argparse.ArgumentParser):
    """Prints one sentence about bad usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{startup.bad_usage(self.prog, message)}\n")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """`name` is set if a user has to be added. Exits: 2 on bad usage, 0 after `--help`."""
    if arguments[:1] == [ADD_USER]:
        parser = Parser(
            prog=f"esdbnode {ADD_USER}",
            description="Add a user to the users file of a node. The password is read from standard input.",
            allow_abbrev=False,
        )
        with_user(parser)
        return parser.parse_args(arguments[1:])
    parser = Parser(
        prog="esdbnode",
        description="Run a node that answers like EventStoreDB 24.",
        epilog=f"To add a user to a users file: esdbnode {ADD_USER} --help",
        allow_abbrev=False,
    )
    parser.set_defaults(name=None)
    with_node(parser)
    return parser.parse_args(arguments)


def with_node(parser: argparse.ArgumentParser, default_data: str = "") -> None:
    """`default_data` describes the log's file if neither --data nor --memory is given; without it one is required."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--port",
        metavar="P",
        type=_port,
        default=2113,
        help="0 for any free one (default: 2113); without users, every user of this machine can read and write",
    )
    place.add_argument(
        "--socket",
        metavar="FILE",
        type=Path,
        help="listen on this Unix socket and on no port: only your own user can connect to it",
    )
    parser.add_argument(
        "--host",
        metavar="H",
        default="127.0.0.1",
        help="the address to listen on; other machines can be served only with TLS and users "
        "(default: 127.0.0.1)",
    )
    where = parser.add_mutually_exclusive_group(required=not default_data)
    where.add_argument(
        "--data",
        metavar="FILE",
        type=Path,
        help="the file of the log" + (f" (default: {default_data})" if default_data else ""),
    )
    where.add_argument("--memory", action="store_true", help="keep the log only in memory")
    parser.add_argument(
        "--projections", action="store_true", help="write the links $ce-, $et-, $bc- and $category-"
    )
    _with_security(parser)
    _with_upkeep(parser)


def _with_security(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tls-cert", metavar="F", type=Path, help="the certificate, PEM, followed by its chain"
    )
    parser.add_argument("--tls-key", metavar="F", type=Path, help="its key, PEM, without a passphrase")
    parser.add_argument("--users", metavar="F", type=Path, help="the file of the users who may sign in")


def _with_upkeep(parser: argparse.ArgumentParser) -> None:
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--backup",
        metavar="FILE",
        type=Path,
        help="do not run a node: copy the log, which may be in use, to a new file",
    )
    instead.add_argument(
        "--verify", action="store_true", help="do not run a node: check the log; exit code 1 if it is damaged"
    )
    parser.add_argument("--json", action="store_true", help="print the result of --verify as JSON")


def with_user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an existing user gets the new password and groups")
    parser.add_argument(
        "--users", metavar="F", type=Path, required=True, help="the users file; created if it does not exist"
    )
    parser.add_argument(
        "--group", metavar="G", action="append", default=[], help="$admins, $ops or a group in ACLs"
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(startup.not_a_port(text))
    return int(text)
