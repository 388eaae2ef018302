"""The node as a process: how it starts, refuses to start, and ends."""

import errno
import os
import socket
import sys
import threading
import time
from pathlib import Path

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException
from esdbclient.protos.Grpc import (
    gossip_pb2,
    persistent_pb2,
    shared_pb2,
)

from esdbnode.testing import start_node
from esdbnode.wording import calls, datafile, startup
from tests.command import refusal
from tests.stubs import GossipStub, PersistentSubscriptionsStub


def start_refused(*options: str) -> str:
    return refusal("--port", "0", *options)


def test_a_busy_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = start_refused("--memory", "--port", str(port))
    assert said == startup.cannot_listen("127.0.0.1", port, startup.IN_USE)


def test_a_data_file_in_use_is_refused(tmp_path: Path) -> None:
    data = str(tmp_path / "log.db")
    with start_node(tmp_path / "log.db"):
        assert start_refused("--data", data) == datafile.in_use(data)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        data = str(tmp_path / "log.db")
        assert start_refused("--data", data) == datafile.cannot_lock(data, os.strerror(errno.EACCES))
    finally:
        tmp_path.chmod(0o700)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    data = str(tmp_path / "missing" / "log.db")
    assert start_refused("--data", data) == datafile.cannot_lock(data, os.strerror(errno.ENOENT))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_an_address_beyond_this_machine_is_refused(host: str) -> None:
    assert start_refused("--memory", "--host", host) == startup.not_a_loopback_address(host)


def test_it_ends_promptly_with_subscriptions_open(tmp_path: Path) -> None:
    with start_node(tmp_path / "log.db") as node:
        clients = [EventStoreDBClient(uri=node.uri) for _ in range(5)]
        ended = []

        def follow(client: EventStoreDBClient) -> None:
            try:
                for _ in client.subscribe_to_all():
                    pass
            except EventStoreDBClientException as error:
                ended.append(error)

        threads = [threading.Thread(target=follow, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        clients[0].append_to_stream(
            "s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")]
        )
        begun = time.monotonic()
        assert node.stop() == 0
        assert time.monotonic() - begun < 2
        for thread in threads:
            thread.join(5)
        assert len(ended) == 5
        for client in clients:
            client.close()


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_it_runs_on_uvloop_if_it_is_installed(loop: str) -> None:
    hidden = {"asyncio": "sys.modules['uvloop'] = None;", "uvloop": ""}[loop]
    code = f"import sys; {hidden} from esdbnode.commandline import main; sys.exit(main())"
    with (
        start_node(program=(sys.executable, "-P", "-c", code)) as node,
        EventStoreDBClient(node.uri) as client,
    ):
        client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent("T", b"{}")])
        assert [event.type for event in client.get_stream("s")] == ["T"]
        libraries = Path(f"/proc/{node.process.pid}/maps")
        if libraries.exists():
            assert ("uvloop" in libraries.read_text()) == (loop == "uvloop")


def test_gossip_names_one_living_leader_and_its_address() -> None:
    with start_node() as node, grpc.insecure_channel(node.address) as channel:
        (member,) = GossipStub(channel).Read(shared_pb2.Empty(), timeout=5).members
        assert (member.state, member.is_alive) == (gossip_pb2.MemberInfo.Leader, True)
        assert f"{member.http_end_point.address}:{member.http_end_point.port}" == node.address


def test_discovery_finds_the_node() -> None:
    with start_node() as node, EventStoreDBClient(uri=f"esdb+discover://{node.address}?Tls=false") as client:
        client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
        assert client.get_current_version("s") == 0


def test_persistent_subscriptions_are_unimplemented_with_a_hint() -> None:
    with start_node() as node, grpc.insecure_channel(node.address) as channel:
        stub = PersistentSubscriptionsStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.List(persistent_pb2.ListReq(), timeout=5)
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert refused.value.details() == calls.not_in_this_node(calls.PERSISTENT_SUBSCRIPTIONS)
