"""Rude, broken and absent clients: an error for them, nothing for the others, bounded memory for us."""

import asyncio
import itertools
import logging
import random
import struct
from collections.abc import Callable

import pytest

from esdbnode.call import Call, Status
from esdbnode.http2 import Limits, frames
from esdbnode.http2.frames import ErrorCode, Setting, frame
from tests.front.handlers import Gate, serving
from tests.front.raw import DEADLINE, Raw, grpc_body, raw

CALM = Limits(rudeness=50, forgiveness=1)
WIDE = {Setting.INITIAL_WINDOW_SIZE: frames.MAX_WINDOW, Setting.MAX_FRAME_SIZE: 2**20}
WIDEST = frames.window_update(0, frames.MAX_WINDOW - frames.DEFAULT_WINDOW)


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
async def test_a_flood_ends_its_connection_and_leaves_the_others_alone(flood: str) -> None:
    gate = Gate()
    async with serving(CALM, Wait=gate) as server, raw(server.port) as quiet, raw(server.port) as client:
        quiet.call(1, "Wait", b"abc")
        await gate.begun.wait()
        client.send(FLOODS[flood](client))
        assert await client.dropped() is ErrorCode.ENHANCE_YOUR_CALM
        gate.open.set()
        assert (await quiet.answer(1))[1] == grpc_body(b"1 3")


async def test_cancelling_after_the_first_answer_is_no_flood() -> None:
    """EventStoreDB's clients end every BatchAppend so."""

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
async def test_garbage_instead_of_the_preface_is_told_and_closed(garbage: bytes) -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(garbage)
        async with asyncio.timeout(DEADLINE):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"speaks gRPC over HTTP/2 only" in answer
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


# Clients that do not read


async def still(figure: Callable[[], int]) -> int:
    """`figure` once it has stopped changing."""
    before = -1
    while before != figure():
        before = figure()
        await asyncio.sleep(0.2)
    return before


@pytest.mark.parametrize("size", [10, 10_000])
async def test_a_client_that_does_not_read_is_sent_no_more_than_the_sockets_hold(size: int) -> None:
    sent = 0

    async def endless(call: Call) -> None:
        nonlocal sent
        while True:
            await call.send([bytes(size)] * 10)
            sent += 10 * size + 50

    async with serving(Endless=endless) as server, raw(server.port, WIDE) as client:
        client.send(WIDEST)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.call(1, "Endless")
        held = await still(lambda: sent)
        assert 0 < held < 20_000_000
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        received = 0
        while received < held + 500_000:
            received += len((await client.until(frames.DATA))[3])


ASKING: dict[str, Callable[[Raw, int], bytes]] = {
    "pings": lambda _, __: frame(frames.PING, 0, 0, bytes(8)),
    "unknown methods": lambda client, at: client.request(at, "None", [], frames.END_STREAM),
    "plain HTTP": lambda _, at: frame(frames.HEADERS, 5, at, b"\x82\x86\x84"),
}


@pytest.mark.parametrize("question", ASKING)
async def test_a_client_that_asks_and_does_not_read_the_answers_is_dropped(question: str) -> None:
    gone = asyncio.Event()

    async def endless(call: Call) -> None:
        try:
            while True:
                await call.send([bytes(10_000)] * 10)
        finally:
            gone.set()

    limits = Limits(rudeness=10**9, replies=64 * 1024, farewell=0.1)
    async with serving(limits, Endless=endless) as server, raw(server.port, WIDE) as client:
        client.send(WIDEST)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.call(1, "Endless")
        async with asyncio.timeout(DEADLINE):
            for at in itertools.count(3, 2):
                client.send(ASKING[question](client, at))
                if at % 100 == 1:
                    await asyncio.sleep(0)
                if gone.is_set():
                    break
            assert await still(lambda: server.connections) == 0


async def test_a_client_that_reads_late_gets_the_end_of_all_its_calls() -> None:
    sent = 0

    async def pages(call: Call) -> None:
        nonlocal sent
        for _ in range(300):
            await call.send([bytes(10_000)] * 10)
            sent += 1

    limits = Limits(replies=1000)
    async with serving(limits, Pages=pages) as server, raw(server.port, WIDE) as client:
        client.send(WIDEST)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.call(1, "Pages")
        assert 0 < await still(lambda: sent) < 300
        for at in range(3, 203, 2):
            client.send(client.request(at, "Refuse", [], frames.END_STREAM))
        client.send(client.request(203, "Total", [], frames.END_STREAM))
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        ended: set[int] = set()
        while len(ended) < 102:
            kind, flags, stream_id, _ = await client.frame()
            if kind == frames.HEADERS and flags & frames.END_STREAM:
                ended.add(stream_id)


# Memory


async def test_incomplete_messages_are_held_up_to_a_limit() -> None:
    limits = Limits(held=200_000)
    async with serving(limits) as server, raw(server.port) as client:
        begun = b"\x00" + struct.pack(">L", 1_000_000) + bytes(15_000)
        for at in range(1, 41, 2):
            client.send(client.request(at, "Echo"), frame(frames.DATA, 0, at, begun))
        status: dict[int, str] = {}
        while len(status) < 7:
            _, _, on, payload = await client.until(frames.HEADERS)
            status[on] = client.heads(payload)["grpc-status"]
        assert set(status.values()) == {str(int(Status.RESOURCE_EXHAUSTED))}
        client.send(*(frames.reset(at, ErrorCode.CANCEL) for at in range(1, 41, 2)))
        client.call(41, "Echo", b"x" * 10_000)
        assert (await client.answer(41))[1] == grpc_body(b"x" * 10_000)


async def test_a_newcomer_takes_the_place_of_the_oldest_idle_connection() -> None:
    gate = Gate()
    async with (
        serving(Limits(connections=3), Wait=gate) as server,
        raw(server.port) as busy,
        raw(server.port) as idle,
        raw(server.port) as other,
    ):
        busy.call(1, "Wait", b"x")
        await gate.begun.wait()
        for client in (idle, other):
            await client.before_ping()
        async with raw(server.port) as newcomer:
            newcomer.call(1, "Echo", b"x")
            assert (await newcomer.answer(1))[1] == grpc_body(b"x")
            assert await idle.dropped() is ErrorCode.NO_ERROR
            assert await other.before_ping() == []
        gate.open.set()
        assert (await busy.answer(1))[1] == grpc_body(b"1 1")


async def test_connections_opened_and_left_do_not_keep_others_out() -> None:
    async with serving(Limits(connections=50)) as server:
        left = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(300)]
        async with raw(server.port) as client:
            client.call(1, "Echo", b"x")
            assert (await client.answer(1))[1] == grpc_body(b"x")
        for _, writer in left:
            writer.transport.abort()


async def test_a_server_full_of_busy_connections_refuses_the_newcomer() -> None:
    gate = Gate()
    async with serving(Limits(connections=1), Wait=gate) as server, raw(server.port) as busy:
        busy.call(1, "Wait", b"x")
        await gate.begun.wait()
        async with raw(server.port) as newcomer:
            assert await newcomer.rest() == []
        gate.open.set()
        assert (await busy.answer(1))[1] == grpc_body(b"1 1")


@pytest.mark.parametrize(
    "limits", [{"stream_window": 1}, {"connection_window": 1}, {"frame": 1}, {"frame": 2**24}]
)
def test_limits_that_clients_cannot_know_in_time_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        Limits(**limits)
