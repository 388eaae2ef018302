"""Programs of the distribution that some tests and benchmarks use."""

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
        return messages.not_on_the_path(self.name, self.variable)

    def known(self) -> Path | None:
        """The path in the variable, or one on the PATH."""
        found = os.environ.get(self.variable) or shutil.which(self.name)
        return Path(found) if found else None

    def obtain(self) -> Path:
        """As `known`. If there is none, root installs Debian's package. Refusal if there is still none."""
        if not self.known() and os.geteuid() == 0 and shutil.which("apt-get"):
            with environment.alone():
                if not self.known():
                    self._install()
        if found := self.known():
            return found
        raise Refusal(self.absent, 1)

    def find(self) -> Path | None:
        """As `obtain`, for tests: those that need the program are skipped if there is none."""
        try:
            return self.obtain()
        except Refusal as refusal:
            tell(messages.tests_skipped(str(refusal)))
            return None

    def _install(self) -> None:
        tell(messages.installing(self.name))
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
WRK = Program("wrk", "DAYBOOK_WRK")
"""The benchmark of commands loads Daybook with it: it takes little of the CPU that it shares with what it measures."""
