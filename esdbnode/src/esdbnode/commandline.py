"""The `esdbnode` command: run a node, back up or check its file, add a user.

Exit code 0: done. 1: the file is damaged, or no backup was made. 2: bad usage, or the node cannot start.
"""

import argparse
import getpass
import json
import os
import sys
from pathlib import Path

from esdbnode import node
from esdbnode.options import parse
from esdbnode.security import users
from esdbnode.security.refusal import CannotSecure
from esdbnode.storage.backup import CannotBackUp, back_up
from esdbnode.storage.checking import verify
from esdbnode.storage.database import CannotOpen
from esdbnode.wording import datafile, startup


def main() -> int:
    os.umask(0o077)  # only their owner can read the files with events and passwords
    arguments = parse(sys.argv[1:])
    return run_node(arguments) if arguments.name is None else add_user(arguments)


def run_node(arguments: argparse.Namespace) -> int:
    """Options as `options.with_node` describes them; one of `data` and `memory` is given."""
    if not (arguments.backup or arguments.verify):
        return node.run(arguments)
    if arguments.memory:
        return _refused(startup.MEMORY_HAS_NO_FILE, 2)
    try:
        if arguments.verify:
            return _verify(arguments.data, as_json=arguments.json)
        return _back_up(arguments.data, arguments.backup)
    except (CannotOpen, CannotBackUp) as error:
        return _refused(str(error), 1)


def add_user(arguments: argparse.Namespace) -> int:
    """Options as `options.with_user` describes them. A running node notices the change within a second or two."""
    try:
        is_new = users.add(arguments.users, arguments.name, _password(), arguments.group)
    except UnicodeDecodeError:
        return _refused(startup.PASSWORD_NOT_UTF8, 2)
    except CannotSecure as error:
        return _refused(str(error), 2)
    done = startup.user_added if is_new else startup.user_changed
    print(done(arguments.name, str(arguments.users)))
    return 0


def _password() -> str:
    """The first line of standard input; at a terminal there is a prompt, and the password is not shown."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.buffer.readline().decode().rstrip("\r\n")


def _back_up(data: Path, to: Path) -> int:
    size = back_up(data, to)
    print(datafile.backed_up(str(data), str(to), size))
    return 0


def _verify(data: Path, *, as_json: bool) -> int:
    report = verify(data)
    if as_json:
        print(json.dumps({"file": str(data), **report._asdict()}))
    elif report.problems:
        print(datafile.is_damaged(str(data)), *report.problems, sep="\n  ")
        print(datafile.RESTORE_TO_A_NEW_FILE)
    else:
        print(datafile.intact(str(data), report.events, report.streams))
    return 1 if report.problems else 0


def _refused(why: str, code: int) -> int:
    print(why, file=sys.stderr)
    return code
