"""Raw connections to an HTTP server, and a server of its own for them (`edge_server`)."""

import contextlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from tests.kit.web import PROJECT
from web.http.limits import Limits

SECONDS = 20.0
"""After which a test that waits for an answer or an end fails."""
HOST = b"Host: localhost\r\n"


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Plug:
    """A connection to `url`. Use as a context manager."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=SECONDS)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> "Plug":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *parts: bytes) -> "Plug":
        """What the server does not take any more is lost."""
        with contextlib.suppress(OSError):
            for part in parts:
                self._socket.sendall(part)
        return self

    def send_until_it_ends(self) -> None:
        """Something that means nothing, until the server takes no more."""
        with contextlib.suppress(OSError):
            while True:
                self._socket.sendall(b"a")
                time.sleep(0.05)

    def line(self) -> bytes:
        return self._file.readline()

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def answer(self) -> Answer:
        """The next one, whose body has a length or is empty."""
        status = int(self.line().split(b" ")[1])
        headers = {}
        while line := self.line().strip().decode("latin-1"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Answer(status, headers, self._file.read(int(headers.get("content-length", "0"))))

    def rest(self) -> bytes:
        """What comes until the server ends the connection."""
        try:
            return self._file.read()
        except ConnectionResetError:
            return b""


def get(path: str = "/", *lines: bytes) -> bytes:
    return b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"".join(lines) + b"\r\n"


def post(body: bytes, *lines: bytes, path: str = "/") -> bytes:
    """Without a length: `lines` have it, each with its end."""
    return b"POST " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"".join(lines) + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"


def answer_to(url: str, *parts: bytes) -> Answer:
    with Plug(url) as plug:
        return plug.send(*parts).answer()


class Edge:
    """`url` is its address. What it logs is in `log`, once it is stopped."""

    def __init__(self, limits: Limits) -> None:
        words = [sys.executable, "-m", "tests.kit.edge_server", msgspec.json.encode(limits).decode()]
        self._process = subprocess.Popen(
            words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        found = re.search(r"Web is up at (\S+)", self._process.stdout.readline())
        assert found
        self.url = f"http://{found[1]}"
        self.log = ""

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self.log = self._process.communicate(timeout=SECONDS)[1]


@contextmanager
def edge(limits: Limits) -> Iterator[Edge]:
    process = Edge(limits)
    try:
        yield process
    finally:
        process.stop()
