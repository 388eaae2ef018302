"""The distribution's Redis for the tests, which run on the oldest server that Daybook supports too."""

import os
import shutil
from pathlib import Path

from app.refusal import Refusal
from app.setup import environment, messages
from app.setup.environment import run, tell

VARIABLE = "DAYBOOK_REDIS_SERVER"
PACKAGE = "redis-server"
ABSENT = messages.not_on_the_path(PACKAGE)


def find_redis() -> Path | None:
    """The path in DAYBOOK_REDIS_SERVER, or one on the PATH. If there is none, root installs Debian's package."""
    named = os.environ.get(VARIABLE) or shutil.which(PACKAGE)
    if not named and os.geteuid() == 0 and shutil.which("apt-get"):
        with environment.alone():
            named = shutil.which(PACKAGE) or _installed()
    if not named:
        tell(messages.tests_skipped(ABSENT))
    return Path(named) if named else None


def _installed() -> str | None:
    tell(f"installing {PACKAGE} for the tests")
    try:
        run(["apt-get", "update"], messages.UPDATING_PACKAGE_LIST)
        run(["apt-get", "install", "--yes", "--no-install-recommends", PACKAGE], messages.installing(PACKAGE))
    except Refusal as refusal:
        tell(str(refusal))
    return shutil.which(PACKAGE)
