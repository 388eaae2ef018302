"""`daybook lock`: makes the files in locks/ and the npm lock file again."""

import argparse

from app.cli.verb import Verb
from app.messages import verbs as messages
from app.setup import locking
from app.setup.bootstrap import Needs


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest versions, not the locked ones"
    )


def run(arguments: argparse.Namespace) -> int:
    changed = locking.lock(upgrade=arguments.upgrade)
    print(messages.locks_changed(changed) if changed else messages.NO_LOCK_CHANGED)
    return 0


VERB = Verb(
    "lock", "make the lock files again, with the versions that they have", run, (options,), Needs.TOOLS
)
