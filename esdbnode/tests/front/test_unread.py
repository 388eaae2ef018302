"""Clients that do not read: the server holds a bounded amount for them."""

import asyncio
import itertools
from collections.abc import Callable

import pytest

from esdbnode.call import Call
from esdbnode.http2 import Limits, frames
from esdbnode.http2.frames import Setting, frame
from tests.front.handlers import serving
from tests.front.raw import DEADLINE, Raw, raw

pytestmark = pytest.mark.slow

WIDE = {Setting.INITIAL_WINDOW_SIZE: frames.MAX_WINDOW, Setting.MAX_FRAME_SIZE: 2**20}
WIDEST = frames.window_update(0, frames.MAX_WINDOW - frames.DEFAULT_WINDOW)


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
        client.stop_reading()
        client.call(1, "Endless")
        held = await still(lambda: sent)
        assert 0 < held < 20_000_000
        client.read_on()
        received = 0
        while received < held + 500_000:
            received += len((await client.until(frames.DATA))[3])


ASKING: dict[str, Callable[[Raw, int], bytes]] = {
    "pings": lambda _, __: frame(frames.PING, 0, 0, bytes(8)),
    "unknown methods": lambda client, at: client.request(at, "None", [], frames.END_STREAM),
    "plain HTTP": lambda _, at: frame(frames.HEADERS, 5, at, b"\x82\x86\x84"),
}


@pytest.mark.parametrize("question", ASKING)
async def test_a_client_that_does_not_read_its_answers_is_dropped(question: str) -> None:
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
        client.stop_reading()
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
        client.stop_reading()
        client.call(1, "Pages")
        assert 0 < await still(lambda: sent) < 300
        for at in range(3, 203, 2):
            client.send(client.request(at, "Refuse", [], frames.END_STREAM))
        client.send(client.request(203, "Total", [], frames.END_STREAM))
        client.read_on()
        ended: set[int] = set()
        while len(ended) < 102:
            kind, flags, stream_id, _ = await client.frame()
            if kind == frames.HEADERS and flags & frames.END_STREAM:
                ended.add(stream_id)
