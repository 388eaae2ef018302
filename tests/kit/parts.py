"""Processes of one part of Daybook that tests can freeze and kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.kit.node import PROJECT


class Part:
    def __init__(self, verb: str, says: Path, **environ: str) -> None:
        """Its output goes to the file `says`."""
        self._says = says
        with says.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", verb],
                cwd=PROJECT,
                env=os.environ | environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self._says.read_text()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
