"""The `esdbnode` command, run as a user would run it."""

import subprocess
from pathlib import Path

from esdbnode.testing import PROGRAM, environment


def esdbnode(*arguments: str | Path, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The output is in `stdout` and `stderr`."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env=environment(),
        input=input,
        capture_output=True,
        timeout=30,
        check=False,
    )


def refusal(*arguments: str | Path, input: bytes = b"") -> str:
    """The message of a refusal, which is one line, with exit code 2."""
    ended = esdbnode(*arguments, input=input)
    assert (ended.returncode, ended.stdout) == (2, b"")
    said = ended.stderr.decode()
    assert said.count("\n") == 1, said
    return said.removesuffix("\n")
