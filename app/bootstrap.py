"""What `daybook` does before the command: read the command line, make what is missing, become the command.

Runs before anything is installed: standard library only.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from app import bundle, environment
from app.commandline import parse
from app.environment import ROOT
from app.refusal import Refusal

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"


def main(arguments: Sequence[str]) -> int:
    """Returns an exit code when the set-up fails; else this process becomes the command's."""
    verb = parse(arguments).verb
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that the step at work is ended too
    try:
        set_up([LOCK, DEV_LOCK] if verb.for_developers else [LOCK], with_bundle=verb.with_pages)
    except Refusal as refusal:
        print(f"daybook: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130
    return become(arguments)


def become(arguments: Sequence[str]) -> NoReturn:
    """The working folder stays the user's: it is not searched for modules (-P), the project's folders are."""
    python = str(VENV / "bin" / "python")
    environ = {**os.environ, "PYTHONPATH": environment.search_path()}
    os.execve(python, [python, "-P", "-m", "app", *arguments], environ)  # noqa: S606


def set_up(locks: Sequence[os.PathLike[str]], *, with_bundle: bool) -> None:
    paths = [ROOT / lock for lock in locks]
    if environment.is_made(VENV, paths) and (not with_bundle or bundle.is_built()):
        return
    with environment.alone():
        environment.ensure(VENV, paths)
        if with_bundle and not bundle.is_built():
            bundle.build()
