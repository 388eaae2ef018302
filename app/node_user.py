"""`daybook node-user`: the users of an embedded node."""

import argparse
import getpass
import sys
from pathlib import Path

from app.refusal import Refusal
from embedded.doors import users
from embedded.doors.refusal import CannotOpenDoors


def node_user(arguments: argparse.Namespace) -> int:
    """A node at work takes up the change within a second or two."""
    file = Path(arguments.users)
    try:
        is_new = users.add(file, arguments.name, _password(), arguments.group)
    except CannotOpenDoors as error:
        raise Refusal(str(error)) from None
    print(f"{'Added' if is_new else 'Changed'} the user {arguments.name} in {file}.")
    return 0


def _password() -> str:
    """The first line of standard input; a person is asked for it, unseen."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refusal("The password on standard input is not UTF-8.") from None
