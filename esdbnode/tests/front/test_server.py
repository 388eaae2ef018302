"""Starting, TLS and shutting down."""

import asyncio
import logging
import shutil
import ssl
import subprocess
from pathlib import Path

import grpc
import pytest

from esdbnode.call import Call, Status
from esdbnode.http2 import Limits, frames, serve
from esdbnode.http2.frames import ErrorCode
from esdbnode.wording import calls
from tests.front.handlers import ROUTES, Gate, serving
from tests.front.raw import grpc_body, raw


async def test_open_calls_may_end_within_the_grace_of_a_close() -> None:
    gate = Gate()
    server = await serve({"/test.Test/Wait": gate}, ("127.0.0.1", 0))
    async with raw(server.port) as client:
        client.call(1, "Wait", b"abc")
        await gate.begun.wait()
        closing = asyncio.create_task(server.close(grace=30))
        assert (await client.until(frames.GOAWAY))[3][:8] == b"\x00\x00\x00\x01" + bytes(4)
        client.call(3, "Wait", b"abc")
        assert await client.reset(3) is ErrorCode.REFUSED_STREAM
        gate.open.set()
        assert (await client.answer(1))[1] == grpc_body(b"1 3")
        assert await client.rest() == []
        await closing


async def test_after_the_grace_calls_end_with_unavailable_and_their_handlers_are_awaited() -> None:
    gate = Gate()
    server = await serve({"/test.Test/Wait": gate}, ("127.0.0.1", 0))
    async with raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        await gate.begun.wait()
        await server.close(grace=0.05)
        assert gate.cancelled.is_set()
        assert gate.running == 0
        headers, _ = await client.answer(1)
        assert headers["grpc-status"] == str(int(Status.UNAVAILABLE))


async def test_a_closed_server_refuses_connections() -> None:
    server = await serve(ROUTES, ("127.0.0.1", 0))
    port = server.port
    await server.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_closing_drops_a_client_that_does_not_read() -> None:
    async def endless(call: Call) -> None:
        while True:
            await call.send([bytes(10_000)] * 10)

    settings = {frames.Setting.INITIAL_WINDOW_SIZE: frames.MAX_WINDOW}
    server = await serve({"/test.Test/Endless": endless}, ("127.0.0.1", 0), limits=Limits(farewell=0.1))
    async with raw(server.port, settings) as client:
        client.send(frames.window_update(0, frames.MAX_WINDOW - frames.DEFAULT_WINDOW))
        await client.until(frames.SETTINGS)
        client.stop_reading()
        client.call(1, "Endless")
        async with asyncio.timeout(5):
            await server.close(grace=0.2)


async def test_a_handler_that_ignores_being_cancelled_is_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def stubborn(_call: Call) -> None:
        begun.set()
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    server = await serve({"/test.Test/Stubborn": stubborn}, ("127.0.0.1", 0), limits=Limits(farewell=0.05))
    async with raw(server.port) as client:
        client.send(client.request(1, "Stubborn"))
        await begun.wait()
        with caplog.at_level(logging.ERROR):
            await server.close(grace=0)
        assert calls.handlers_ignore_cancelling(1) in caplog.messages
    release.set()
    await asyncio.sleep(0)


async def test_a_busy_port_is_an_os_error() -> None:
    async with serving() as server:
        with pytest.raises(OSError, match=str(server.port)):
            await serve(ROUTES, ("127.0.0.1", server.port))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on the PATH to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    crt, key = folder / "node.crt", folder / "node.key"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    request = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*request, "-keyout", key, "-out", crt], check=True, capture_output=True, timeout=60)
    return crt, key


async def test_calls_go_over_tls(certificate: tuple[Path, Path]) -> None:
    crt, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    server = await serve(ROUTES, ("127.0.0.1", 0), ssl=context)

    def client() -> tuple[bytes, int]:
        credentials = grpc.ssl_channel_credentials(crt.read_bytes())
        with grpc.secure_channel(f"localhost:{server.port}", credentials) as channel:
            echoed = channel.unary_unary("/test.Test/Echo")(b"x" * 1_000_000, timeout=10)
            counted = channel.unary_stream("/test.Test/Count")(b"5000", timeout=10)
            return echoed, sum(1 for _ in counted)

    assert await asyncio.to_thread(client) == (b"x" * 1_000_000, 5000)
    await server.close()


async def test_plain_text_on_a_tls_port_is_closed(certificate: tuple[Path, Path]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    server = await serve(ROUTES, ("127.0.0.1", 0), ssl=context)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(frames.PREFACE)
    async with asyncio.timeout(10):
        assert not (await reader.read()).startswith(b"\x00")
    writer.close()
    await server.close()
