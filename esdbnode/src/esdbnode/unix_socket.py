"""A Unix socket to listen on. Only the user who runs the node, and root, can connect to it: its mode is 0600."""

import errno
import os
import socket
from pathlib import Path

_PRIVATE = 0o177
"""The umask under which the socket is made. A mode that is changed afterwards would leave a moment in between."""


def listener_at(path: Path) -> socket.socket:
    """A bound socket. Raises OSError: EADDRINUSE if a program listens there, EEXIST if something else is there."""
    _remove_abandoned(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(_PRIVATE)
    try:
        listener.bind(str(path))
    except BaseException:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener


def _remove_abandoned(path: Path) -> None:
    """A process that was killed leaves its socket, on which nobody listens any more."""
    if not path.is_socket():
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
