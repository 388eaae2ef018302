"""Makes what a verb needs and replaces the process with the verb. The script `daybook` calls it."""

import os
import signal
import sys
from collections.abc import Sequence
from enum import Flag, auto
from pathlib import Path
from typing import Final, NoReturn

from app.refusal import Refusal
from app.setup import bundle, environment
from app.setup.environment import LOCKS, ROOT

VENV: Final = ROOT / ".venv"


class Needs(Flag):
    """What a verb needs in addition to the environment of the runtime lock."""

    NOTHING_MORE = 0
    PAGES = auto()
    TOOLS = auto()


def main(needs: Needs, arguments: Sequence[str]) -> int:
    """Returns an exit code if the set-up fails; otherwise the verb replaces this process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that the running step is ended too
    try:
        set_up(needs)
    except Refusal as refusal:
        print(f"daybook: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130
    return become(arguments)


def set_up(needs: Needs) -> None:
    locks = locks_for(needs)
    with_pages = Needs.PAGES in needs
    if environment.is_made(VENV, locks) and (not with_pages or bundle.is_built()):
        return
    with environment.alone():
        environment.ensure(VENV, locks)
        if with_pages and not bundle.is_built():
            bundle.build()


def locks_for(needs: Needs) -> list[Path]:
    return [LOCKS / "runtime.txt", *([LOCKS / "dev.txt"] if Needs.TOOLS in needs else [])]


def become(arguments: Sequence[str]) -> NoReturn:
    """The working folder stays the user's. Modules are not searched there (-P) but in the project's folders."""
    python = str(VENV / "bin" / "python")
    environ = {**os.environ, "PYTHONPATH": environment.search_path()}
    os.execve(python, [python, "-P", "-m", "app", *arguments], environ)  # noqa: S606
