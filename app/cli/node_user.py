"""`daybook node-user`: the users of an embedded node."""

import argparse
import getpass
import sys
from pathlib import Path

from app.cli.verb import Verb
from app.refusal import Refusal


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an existing user gets the new password and groups")
    parser.add_argument(
        "--users", metavar="F", required=True, help="the file of users; made if it does not exist"
    )
    parser.add_argument(
        "--group", metavar="G", action="append", default=[], help="$admins, $ops or one that ACLs name"
    )


def run(arguments: argparse.Namespace) -> int:
    """A running node takes up the change within a second or two."""
    from embedded.doors import users
    from embedded.doors.refusal import CannotOpenDoors

    file = Path(arguments.users)
    try:
        is_new = users.add(file, arguments.name, _password(), arguments.group)
    except CannotOpenDoors as error:
        raise Refusal(str(error)) from None
    print(f"{'Added' if is_new else 'Changed'} the user {arguments.name} in {file}.")
    return 0


def _password() -> str:
    """The first line of standard input. On a terminal it asks for it and does not show what is typed."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refusal("The password on standard input is not UTF-8.") from None


VERB = Verb("node-user", "add a user of the node, password from standard input", run, (options,))
