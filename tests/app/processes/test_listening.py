import os
import re
import socket
from errno import EBADF, ENOTSOCK
from pathlib import Path

import pytest

from app.messages import running as messages
from app.processes.listening import inherited, listening
from app.refusal import Refusal


def test_a_port_on_which_another_program_listens_is_refused() -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        refusal = messages.cannot_listen("127.0.0.1", port, messages.PORT_IN_USE)
        with pytest.raises(Refusal, match=re.escape(refusal)), listening("127.0.0.1", port):
            pass


def test_a_host_that_is_unknown_is_refused() -> None:
    with (
        pytest.raises(Refusal, match=re.escape("cannot listen at nowhere.invalid:0")),
        listening("nowhere.invalid", 0),
    ):
        pass


def test_a_passed_socket_accepts_the_connections_that_wait() -> None:
    with listening("127.0.0.1", 0) as opened, socket.create_connection(opened.getsockname()) as waiting:
        with inherited(os.dup(opened.fileno())) as passed:
            connection, address = passed.accept()
        connection.close()
        assert address == waiting.getsockname()


def test_a_descriptor_that_is_no_socket_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        number = file.fileno()
        refusal = messages.no_socket_passed(number, os.strerror(ENOTSOCK))
        with pytest.raises(Refusal, match=re.escape(refusal)):
            inherited(number)
    refusal = messages.no_socket_passed(number, os.strerror(EBADF))
    with pytest.raises(Refusal, match=re.escape(refusal)):
        inherited(number)
