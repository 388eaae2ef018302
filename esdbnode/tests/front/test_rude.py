"""Abusive, broken and silent clients: they get an error, and other clients are not affected."""

import asyncio
import itertools
import logging
import random
from collections.abc import Callable

import pytest

from esdbnode.call import Call
from esdbnode.http2 import Limits, frames
from esdbnode.http2.frames import ErrorCode, Setting, frame
from tests.front.handlers import Gate, serving
from tests.front.raw import DEADLINE, Raw, grpc_body, raw

CALM = Limits(rudeness=50, forgiveness=1)


def rapid_resets(client: Raw) -> bytes:
    """CVE-2023-44487: open and cancel, so that no limit of streams is ever reached."""
    pairs = ((client.request(at, "Wait"), frames.reset(at, ErrorCode.CANCEL)) for at in range(1, 200, 2))
    return b"".join(itertools.chain.from_iterable(pairs))


def made_resets(client: Raw) -> bytes:
    """CVE-2025-8671: make the server reset instead."""
    faulty = ((client.request(at, "Wait"), frame(8, 0, at, bytes(4))) for at in range(1, 200, 2))
    return b"".join(itertools.chain.from_iterable(faulty))


FLOODS: dict[str, Callable[[Raw], bytes]] = {
    "resets": rapid_resets,
    "resets it provokes": made_resets,
    "pings": lambda _: frame(frames.PING, 0, 0, bytes(8)) * 100,
    "settings": lambda _: frames.settings({Setting.INITIAL_WINDOW_SIZE: 1}) * 100,
    "empty data": lambda client: client.request(1, "Wait") + frame(frames.DATA, 0, 1) * 100,
    "priorities": lambda _: frame(frames.PRIORITY, 0, 1, bytes(5)) * 100,
    "unknown frames": lambda _: frame(0x77, 0, 1) * 100,
    "empty continuations": lambda _: frame(frames.HEADERS, 0, 1) + frame(frames.CONTINUATION, 0, 1) * 100,
    "large continuations": lambda _: (
        frame(frames.HEADERS, 0, 1) + frame(frames.CONTINUATION, 0, 1, bytes(16_000)) * 9
    ),
    "a header list too large": lambda client: client.request(1, "Wait", [("x", "y" * 40_000)]),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_ends_only_its_own_connection(flood: str) -> None:
    gate = Gate()
    async with serving(CALM, Wait=gate) as server, raw(server.port) as quiet, raw(server.port) as client:
        quiet.call(1, "Wait", b"abc")
        await gate.begun.wait()
        client.send(FLOODS[flood](client))
        assert await client.dropped() is ErrorCode.ENHANCE_YOUR_CALM
        gate.open.set()
        assert (await quiet.answer(1))[1] == grpc_body(b"1 3")


async def test_cancelling_after_the_first_answer_does_not_count_as_a_flood() -> None:
    """EventStoreDB's clients end every BatchAppend in this way."""

    async def answer_and_wait(call: Call) -> None:
        await call.send([b"x"])
        await asyncio.Event().wait()

    async with serving(CALM, Answer=answer_and_wait) as server, raw(server.port) as client:
        for at in range(1, 401, 2):
            client.send(client.request(at, "Answer"))
            await client.until(frames.DATA, at)
            client.send(frames.reset(at, ErrorCode.CANCEL))
        client.call(401, "Echo", b"x")
        assert (await client.answer(401))[0]["grpc-status"] == "0"


async def test_rudeness_is_forgiven_in_time() -> None:
    limits = Limits(rudeness=20, forgiveness=1000)
    async with serving(limits) as server, raw(server.port) as client:
        for _ in range(20):
            client.send(frame(frames.PING, 0, 0, bytes(8)) * 8)
            for _ in range(8):
                await client.until(frames.PING)
            await asyncio.sleep(0.01)
        assert await client.before_ping() == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"\x00" * 1000,
        frames.PREFACE[:20] + b"XXXX",
    ],
)
async def test_garbage_instead_of_the_preface_is_refused_and_the_connection_closed(garbage: bytes) -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(garbage)
        async with asyncio.timeout(DEADLINE):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"speaks only gRPC over HTTP/2" in answer
        writer.close()


async def test_any_garbage_after_the_preface_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    noise = random.Random(7)
    async with serving(Limits(farewell=0.1)) as server, raw(server.port) as quiet:
        for _ in range(200):
            async with raw(server.port) as client:
                client.send(client.request(1, "Echo"))
                for _ in range(20):
                    kind, flags = noise.randrange(11), noise.randrange(256)
                    client.send(
                        frame(
                            kind,
                            flags,
                            noise.choice((0, 1, 3)),
                            noise.randbytes(noise.choice((0, 4, 5, 8, 40))),
                        )
                    )
                if noise.random() < 0.1:
                    await client.rest()
        quiet.call(1, "Echo", b"x")
        assert (await quiet.answer(1))[1] == grpc_body(b"x")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_connection_that_never_greets_is_dropped() -> None:
    async with serving(Limits(greeting=0.05)) as server, raw(server.port, greet=False) as client:
        client.send(frames.PREFACE)
        assert await client.rest() == []


async def test_a_silent_client_is_pinged_and_dropped_if_it_does_not_answer() -> None:
    gate = Gate()
    limits = Limits(greeting=0.05, keepalive_interval=0.05, keepalive_timeout=0.2)
    async with serving(limits, Wait=gate) as server, raw(server.port) as client, raw(server.port) as alive:
        client.send(client.request(1, "Wait"))
        await gate.begun.wait()
        for _ in range(8):
            _, flags, _, payload = await alive.until(frames.PING)
            assert not flags & frames.ACK
            alive.send(frame(frames.PING, frames.ACK, 0, payload))
        assert (await client.rest())[-1][0] == frames.PING
        await gate.cancelled.wait()
        alive.call(1, "Echo", b"x")
        assert (await alive.answer(1))[1] == grpc_body(b"x")
