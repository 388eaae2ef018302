import os
import re
import socket
from errno import EBADF, ENOTSOCK
from pathlib import Path

import pytest

from app.messages import running as messages
from app.processes.listening import inherited, is_loopback, listening
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


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "::", "::ffff:0.0.0.0", "192.0.2.1", "fe80::1"])
def test_an_address_that_other_machines_can_reach_is_refused(host: str) -> None:
    with pytest.raises(Refusal, match=re.escape(messages.open_to_others(host))) as refused:
        listening(host, 0).__enter__()
    assert refused.value.code == 2


def test_a_name_of_such_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Refusal, match=re.escape(messages.open_to_others("books.example"))):
        listening("books.example", 0).__enter__()


def test_such_an_address_is_used_if_it_is_to_be_open() -> None:
    with listening("0.0.0.0", 0, to_others=True) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_this_machine_is_always_served(host: str) -> None:
    with listening(host, 0) as listener:
        assert listener.getsockname()[0] in (host, "127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("address", "only_this_machine"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("fe80::1%2", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_known_in_each_form(address: str, only_this_machine: bool) -> None:
    assert is_loopback(address) is only_this_machine


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
