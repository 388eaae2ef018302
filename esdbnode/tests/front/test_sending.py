"""Sending: within the windows, in frames that the client accepts, complete and in order."""

import asyncio

from esdbnode.call import Call
from esdbnode.http2 import frames
from esdbnode.http2.frames import ErrorCode, Setting, frame
from tests.front.handlers import BLOCK, serving
from tests.front.raw import grpc_body, raw, size_of_data


async def test_settings_are_acknowledged_before_data_that_uses_their_window() -> None:
    async with serving() as server, raw(server.port, {Setting.INITIAL_WINDOW_SIZE: 0}) as client:
        client.call(1, "Echo", b"x" * 95)
        await client.until(frames.SETTINGS)
        await client.until(frames.SETTINGS)
        assert size_of_data(await client.before_ping()) == 0
        client.send(frames.settings({Setting.INITIAL_WINDOW_SIZE: 60}))
        assert (await client.frame())[:3] == (frames.SETTINGS, frames.ACK, 0)
        seen = await client.before_ping()
        while size_of_data(seen) < 60:
            seen += await client.before_ping()
        assert size_of_data(seen) == 60
        client.send(frames.window_update(1, 40))
        assert len((await client.until(frames.DATA))[3]) == 40


async def test_a_window_may_become_negative_and_must_be_paid_back_first() -> None:
    async with serving() as server, raw(server.port, {Setting.INITIAL_WINDOW_SIZE: 100}) as client:
        client.call(1, "Echo", b"x" * 195)
        assert len((await client.until(frames.DATA))[3]) == 100
        client.send(frames.settings({Setting.INITIAL_WINDOW_SIZE: 10}), frames.window_update(1, 90))
        assert size_of_data(await client.before_ping() + await client.before_ping()) == 0
        client.send(frames.window_update(1, 7))
        assert len((await client.until(frames.DATA))[3]) == 7


async def test_the_connection_window_holds_all_streams_together() -> None:
    settings = {Setting.INITIAL_WINDOW_SIZE: frames.MAX_WINDOW}
    async with serving() as server, raw(server.port, settings) as client:
        for stream_id in (1, 3, 5):
            client.call(stream_id, "Count", b"100")
        seen: list[frames.Frame] = []
        while size_of_data(seen) < frames.DEFAULT_WINDOW:
            seen.append(await client.frame())
        seen += await client.before_ping()
        assert size_of_data(seen) == frames.DEFAULT_WINDOW
        whole = 3 * len(grpc_body(*(b"%d " % at + BLOCK for at in range(100))))
        for _ in range(whole - frames.DEFAULT_WINDOW - 1):
            client.send(frames.window_update(0, 1))
        while size_of_data(seen) < whole - 1:
            seen.append(await client.frame())
        client.send(frames.window_update(0, 1000))
        while sum(kind == frames.HEADERS and flags & frames.END_STREAM for kind, flags, *_ in seen) < 3:
            seen.append(await client.frame())
        assert [size_of_data(seen, stream_id) for stream_id in (1, 3, 5)] == [whole // 3] * 3


async def test_no_frame_is_larger_than_the_client_takes() -> None:
    settings = {Setting.INITIAL_WINDOW_SIZE: 2**20, Setting.MAX_FRAME_SIZE: 20_000}
    async with serving() as server, raw(server.port, settings) as client:
        client.send(frames.window_update(0, 2**20))
        client.call(1, "Echo", b"x" * 100_000)
        sizes: list[int] = []
        while sum(sizes) < 100_005:
            sizes.append(len((await client.until(frames.DATA))[3]))
        assert sizes == [20_000] * 5 + [5]


async def test_concurrent_sends_on_one_call_do_not_mix_their_messages() -> None:
    async def chorus(call: Call) -> None:
        await asyncio.gather(*(call.send([bytes((voice,)) * 1000] * 3) for voice in range(10)))

    async with serving(Chorus=chorus) as server, raw(server.port, {Setting.INITIAL_WINDOW_SIZE: 0}) as client:
        client.call(1, "Chorus")
        data = b""
        while len(data) < 30 * 1005:
            client.send(frames.window_update(1, 777))
            data += (await client.until(frames.DATA))[3]
        voices = [data[at + 5 : at + 1005] for at in range(0, len(data), 1005)]
        assert sorted(voices) == sorted(bytes((voice,)) * 1000 for voice in range(10) for _ in range(3))


async def test_a_long_send_does_not_block_the_rest_of_the_process() -> None:
    async def long(call: Call) -> None:
        turns: list[int] = []
        asyncio.get_running_loop().call_soon(turns.append, 1)
        await call.send([bytes(40_000)])
        await call.send([b"%d" % len(turns)])

    async with serving(Long=long) as server, raw(server.port) as client:
        client.call(1, "Long")
        assert (await client.answer(1))[1] == grpc_body(bytes(40_000), b"1")


async def test_a_short_send_waits_for_the_rest_of_a_long_one() -> None:
    async def duet(call: Call) -> None:
        long = asyncio.create_task(call.send([b"A" * 3000]))
        async for message in call.messages():
            await call.send([message])
        await long

    async with serving(Duet=duet) as server, raw(server.port, {Setting.INITIAL_WINDOW_SIZE: 1000}) as client:
        client.send(client.request(1, "Duet"))
        await client.until(frames.DATA)
        short = frame(frames.DATA, frames.END_STREAM, 1, grpc_body(b"b"))
        client.send(short, frames.window_update(1, 10_000))
        assert (await client.answer(1))[1] == grpc_body(b"A" * 3000, b"b")[1000:]


async def test_a_writer_cancelled_while_it_waits_leaves_the_room_to_the_next() -> None:
    settings = {Setting.INITIAL_WINDOW_SIZE: 2**20}
    async with serving() as server, raw(server.port, settings) as client:
        client.call(1, "Count", b"1000")
        seen: list[frames.Frame] = []
        while size_of_data(seen) < frames.DEFAULT_WINDOW:
            seen.append(await client.frame())
        client.call(3, "Echo", b"x")
        await client.before_ping()
        client.send(frames.window_update(0, 500), frames.reset(1, ErrorCode.CANCEL))
        while (await client.until(frames.DATA))[2] != 3:
            pass
