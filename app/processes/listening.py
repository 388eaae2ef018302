"""The socket on which the web processes listen. Standard library only: the supervisor opens it too."""

import contextlib
import errno
import ipaddress
import socket
from collections.abc import Iterator
from typing import Final

from app.messages import running as messages
from app.refusal import Refusal

BACKLOG: Final = 1024
"""How many connections may wait until a process accepts them."""


@contextlib.contextmanager
def listening(host: str, port: int, *, to_others: bool = False) -> Iterator[socket.socket]:
    """A socket that listens there, at any free port for 0. Refusal if this process cannot.

    Refusal too if other machines could reach it, unless `to_others`.
    """
    with contextlib.ExitStack() as opened:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            if not (to_others or is_loopback(str(address[0]))):
                raise Refusal(messages.open_to_others(host))
            listener = opened.enter_context(socket.socket(family, kind))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            why = messages.PORT_IN_USE if error.errno == errno.EADDRINUSE else str(error.strerror)
            raise Refusal(messages.cannot_listen(host, port, why)) from None
        yield listener


def is_loopback(address: str) -> bool:
    """`address` is a numeric one. The IPv6 form of an IPv4 address counts as what it stands for."""
    found = ipaddress.ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def inherited(descriptor: int) -> socket.socket:
    """The listening socket that the parent process opened and passed on. Refusal if that is no socket."""
    try:
        return socket.socket(fileno=descriptor)
    except OSError as error:
        raise Refusal(messages.no_socket_passed(descriptor, str(error.strerror))) from None
