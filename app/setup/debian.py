"""Programs of the distribution that some tests use. Without one, its tests are skipped."""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from app.refusal import Refusal
from app.setup import environment, messages
from app.setup.environment import run, tell


class Program(NamedTuple):
    """`name` is also that of its package in Debian; the environment variable `variable` may name another program."""

    name: str
    variable: str

    @property
    def absent(self) -> str:
        return messages.not_on_the_path(self.name)

    def known(self) -> Path | None:
        """The path in the variable, or one on the PATH."""
        found = os.environ.get(self.variable) or shutil.which(self.name)
        return Path(found) if found else None

    def find(self) -> Path | None:
        """As `known`. If there is none, root installs Debian's package."""
        if not self.known() and os.geteuid() == 0 and shutil.which("apt-get"):
            with environment.alone():
                if not self.known():
                    self._install()
        if not self.known():
            tell(messages.tests_skipped(self.absent))
        return self.known()

    def _install(self) -> None:
        tell(f"installing {self.name} for the tests")
        try:
            run(["apt-get", "update"], messages.UPDATING_PACKAGE_LIST)
            install = ["apt-get", "install", "--yes", "--no-install-recommends", self.name]
            run(install, messages.installing(self.name))
        except Refusal as refusal:
            tell(str(refusal))


REDIS = Program("redis-server", "DAYBOOK_REDIS_SERVER")
"""The tests run on the oldest server that Daybook supports too."""
FIREFOX = Program("firefox-esr", "DAYBOOK_FIREFOX")
"""Its cache and its limits on connections are not Chromium's."""
