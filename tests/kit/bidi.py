"""As much of WebDriver BiDi as the tests need. Source: https://w3c.github.io/webdriver-bidi/

Playwright drives only a Firefox of its own, and other clients need a second program: Firefox itself speaks this.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

START_SECONDS = 60.0
ANSWER_SECONDS = 60.0
PREFERENCES = """
user_pref("dom.ipc.processCount.webIsolated", 1);
user_pref("dom.ipc.processPrelaunch.enabled", false);
"""
"""One process for all windows of a site: they open in half the time."""


class Tab:
    """A window of the browser, with one tab: a second one would hide the first."""

    def __init__(self, socket: ClientConnection, numbers: Iterator[int]) -> None:
        self._socket = socket
        self._numbers = numbers
        self._context = self._call("browsingContext.create", type="window")["context"]

    def open(self, url: str) -> None:
        self._call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def close(self) -> None:
        self._call("browsingContext.close", context=self._context)

    def value(self, expression: str) -> Any:
        """The value of an expression in JavaScript: text, a number, a boolean or None."""
        target = {"context": self._context}
        done = self._call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert done["type"] == "success", done
        return done["result"].get("value")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Waits until the expression is true."""
        deadline = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < deadline, f"not true within {seconds} s: {expression}"
            time.sleep(0.05)

    def _call(self, method: str, **params: object) -> Any:
        return call(self._socket, next(self._numbers), method, **params)


class Firefox:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        call(socket, next(self._numbers), "session.new", capabilities={})

    def window(self) -> Tab:
        return Tab(self._socket, self._numbers)

    def runs_first(self, script: str) -> None:
        """Pages that are opened from now on run `script` before their own scripts."""
        declaration = f"() => {{ {script} }}"
        call(self._socket, next(self._numbers), "script.addPreloadScript", functionDeclaration=declaration)


def call(socket: ClientConnection, number: int, method: str, **params: object) -> Any:
    """The result of a command. An error of the browser is an AssertionError."""
    socket.send(json.dumps({"id": number, "method": method, "params": params}))
    while (answer := json.loads(socket.recv(timeout=ANSWER_SECONDS))).get("id") != number:
        pass  # an event
    assert answer["type"] == "success", answer
    return answer["result"]


@contextmanager
def firefox(program: Path, profile: Path) -> Iterator[Firefox]:
    """A Firefox without a screen, with a new profile in the folder `profile`."""
    (profile / "user.js").write_text(PREFERENCES)
    printed = profile / "printed"
    options = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
    with printed.open("w") as output:
        process = subprocess.Popen([str(program), *options], stdout=output, stderr=output)
    try:
        with connect(f"{_address(process, printed)}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], printed: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while not (found := re.search(r"BiDi listening on (ws://\S+)", printed.read_text(errors="replace"))):
        assert process.poll() is None, printed.read_text(errors="replace")
        assert time.monotonic() < deadline, printed.read_text(errors="replace")
        time.sleep(0.05)
    return found[1]
