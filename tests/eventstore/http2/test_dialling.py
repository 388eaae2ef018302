"""From an address to a connection, if it stands for several places, of which some are of no use."""

import asyncio
import socket
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trustme

from esdbnode.http2 import frames
from eventstore import messages
from eventstore.append_call import AppendCall, open_call
from eventstore.appending import Appender
from eventstore.cluster import PATIENCE, Cluster
from eventstore.connection import node_at
from eventstore.http2 import dialling
from eventstore.store import NO_STREAM, AccessRefused
from tests.eventstore.http2.server import SECONDS, Served, Server, answer, append, data, start_server
from tests.kit.logs import events

NAME = "esdb://localhost:1?Tls=false"


def name_stands_for(ports: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    async def places(_: str) -> list[tuple[int, tuple[str, int]]]:
        return [(socket.AF_INET, ("127.0.0.1", port)) for port in ports]

    monkeypatch.setattr(dialling, "_places", places)


async def answers(call: AppendCall, served: Served) -> None:
    appending = append(call)
    await served.requests(1)
    served.begin()
    served.send(data(answer(1)))
    await appending
    call.drop()
    await call.wait_closed()


async def kinds(served: Served) -> list[int]:
    """Of all frames until the client closes."""
    found = list[int]()
    try:
        while True:
            found.append((await served.frame())[0])
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return found


async def test_places_that_are_silent_do_not_keep_the_last_one_from_being_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(start_server(greets=False)) for _ in range(7)]
        good = await stack.enter_async_context(start_server())
        name_stands_for([server.port for server in (*silent, good)], monkeypatch)
        node = node_at(NAME, leader=True)
        call = AppendCall(node.target, SECONDS)
        await call.open(node, 1.0)
        for server in silent:
            assert await (await server.next()).is_closed()
        await answers(call, await good.next())


async def test_a_place_that_is_slow_is_used_if_the_others_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    async with start_server(greets=False) as server:
        name_stands_for([server.port, *range(1, 8)], monkeypatch)
        node = node_at(NAME, leader=True)
        call = AppendCall(node.target, SECONDS)
        opening = asyncio.create_task(call.open(node, 1.0))
        served = await server.next()
        await asyncio.sleep(0.4)
        served.send(frames.settings({}))
        await opening
        await answers(call, served)


async def test_of_places_that_are_ready_at_once_only_one_gets_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with start_server(greets=False) as one, start_server(greets=False) as other:
        name_stands_for([one.port, other.port], monkeypatch)
        node = node_at(NAME, leader=True)
        call = AppendCall(node.target, SECONDS)
        opening = asyncio.create_task(call.open(node, 1.0))
        both = [await one.next(), await other.next()]
        for served in both:
            served.send(frames.settings({}))
        await opening
        ends = [asyncio.create_task(kinds(served)) for served in both]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert [end.done() for end in ends].count(True) == 1
        assert call.is_usable
        call.drop()
        await call.wait_closed()
        assert [frames.HEADERS in found for found in await asyncio.gather(*ends)].count(True) == 1


async def test_what_is_wrong_with_tls_is_said_whatever_is_wrong_at_other_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(tls)
    uri = f"esdb://admin:changeit@localhost:1?tlsCaFile={tmp_path}/ca.crt"
    async with start_server(tls=tls) as server, start_server(greets=False) as silent:
        for ports in [server.port, 1], [1, server.port], [silent.port, server.port]:
            name_stands_for(ports, monkeypatch)
            with pytest.raises(AccessRefused) as caught:
                await open_call(Cluster(uri, leader=True), 1.0)
            assert str(caught.value) == messages.UNKNOWN_AUTHORITY


async def test_a_server_that_does_not_agree_on_http2_within_tls_gets_no_request(tmp_path: Path) -> None:
    ours = trustme.CA()
    ours.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("localhost").configure_cert(tls)
    async with start_server(tls=tls) as server:
        node = node_at(f"esdb://u:p@localhost:{server.port}?tlsCaFile={tmp_path}/ca.crt", leader=True)
        with pytest.raises(ConnectionResetError, match=messages.NOT_HTTP2):
            await AppendCall(node.target, SECONDS).open(node, SECONDS)


class OneNode(Cluster):
    def leave(self, target: str, leader: str | None = None) -> None:
        """Does not forget the node: the next try connects to it without looking for the leader."""


async def test_a_server_that_is_slow_to_greet_is_waited_for_longer_next_time() -> None:
    async def serve(server: Server) -> None:
        while True:
            served = await server.next()
            await asyncio.sleep(PATIENCE * 1.4)
            served.send(frames.settings({}))
            try:
                (request,) = await served.requests(1)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                continue
            served.begin()
            served.send(data(answer(request.correlation_id.structured.least_significant_bits)))

    async with start_server(greets=False) as server:
        serving = asyncio.create_task(serve(server))
        cluster = OneNode(f"esdb://127.0.0.1:{server.port}?Tls=false", leader=True)
        appender = Appender(cluster, deadline=SECONDS, in_flight=1)
        assert (await appender.append("account-1", events(1), NO_STREAM)).revision == 0
        serving.cancel()
        await appender.close()
