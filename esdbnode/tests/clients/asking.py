"""Runs a driver in a separate process. It ends with its input, and is always reaped."""

import json
import select
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tests.clients import driver
from tests.clients.driver import Driver

ANSWER_SECONDS = 2 * driver.SECONDS
END_SECONDS = 10.0


class Refused(Exception):
    """The call failed in the library; the words begin with its exception's name and a colon."""


class _Asking:
    """Has the methods of a Driver: calls go to the process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            answer = self._ask(json.dumps([method, arguments, options]))
            if "refused" in answer:
                raise Refused(answer["refused"])
            return answer["result"]

        return call

    def _ask(self, request: str) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(request.encode() + b"\n")
        stdin.flush()
        assert select.select([stdout], [], [], ANSWER_SECONDS)[0], f"no answer in time to {request[:200]}"
        line = stdout.readline()
        assert line, f"the driver ended with {self._process.wait(END_SECONDS)} at {request[:200]}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def drive(python: str | Path, library: str, client: str, uri: str) -> Iterator[Driver]:
    argv = [python, "-W", "error", driver.__file__, library, client, uri]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield cast(Driver, _Asking(process))
        process.communicate(timeout=END_SECONDS)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
