"""A line between a browser and a server. A test can cut it, or freeze it so that neither side notices."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Line:
    """`url` is its address for the browser. While it is cut, new connections are accepted and dropped."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname or "", address.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._waking, self._waker = socket.socketpair()
        self._state = "open"
        self._thread = threading.Thread(target=self._run, name="line")
        self._thread.start()

    def cut(self) -> None:
        """Every connection ends at once, and new ones fail."""
        self._become("cut")

    def freeze(self) -> None:
        """No bytes pass any more, and neither side notices."""
        self._become("frozen")

    def mend(self) -> None:
        """New connections work; frozen ones stay frozen."""
        self._become("open")

    def close(self) -> None:
        self._become("closed")
        self._thread.join(timeout=10)

    def _become(self, state: str) -> None:
        self._state = state
        self._waker.send(b"!")

    def _run(self) -> None:
        frozen: set[socket.socket] = set()
        while self._state != "closed":
            watched = [self._listener, self._waking, *(plug for plug in self._pairs if plug not in frozen)]
            for plug in select.select(watched, [], [])[0]:
                if plug is self._waking:
                    plug.recv(16)
                    frozen |= set(self._pairs) if self._state == "frozen" else set()
                    if self._state == "cut":
                        self._drop_all()
                elif plug is self._listener:
                    self._accept()
                elif plug in self._pairs and plug not in frozen:
                    self._pass(plug)
        self._drop_all()
        for plug in (self._listener, self._waking, self._waker):
            plug.close()

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if self._state == "cut":
            near.close()
            return
        far = socket.create_connection(self._target, timeout=10)
        self._pairs |= {near: far, far: near}

    def _pass(self, plug: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if data := plug.recv(1 << 16):
                self._pairs[plug].sendall(data)
                return
        self._drop(plug)

    def _drop(self, plug: socket.socket) -> None:
        other = self._pairs.pop(plug)
        self._pairs.pop(other, None)
        plug.close()
        other.close()

    def _drop_all(self) -> None:
        while self._pairs:
            self._drop(next(iter(self._pairs)))


@contextmanager
def proxied(target: str) -> Iterator[Line]:
    line = Line(target)
    try:
        yield line
    finally:
        line.close()
