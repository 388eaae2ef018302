"""Receiving: the windows that the server opens, and how many calls it accepts."""

from esdbnode.http2 import Limits, frames
from esdbnode.http2.frames import ErrorCode, Setting, frame
from tests.front.handlers import Gate, serving
from tests.front.raw import grpc_body, raw


async def test_the_window_opens_only_as_the_handler_reads() -> None:
    gate = Gate()
    limits = Limits(stream_window=frames.DEFAULT_WINDOW, connection_window=2**20)
    async with serving(limits, Wait=gate) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        for _ in range(6):
            client.send(frame(frames.DATA, 0, 1, grpc_body(bytes(10_000))))
        await gate.begun.wait()
        assert [seen for seen in await client.before_ping() if seen[2] == 1] == []
        gate.open.set()
        update = await client.until(frames.WINDOW_UPDATE, 1)
        assert 30_000 <= int.from_bytes(update[3], "big") <= 60_030


async def test_a_message_larger_than_the_window_arrives() -> None:
    limits = Limits(stream_window=frames.DEFAULT_WINDOW, connection_window=frames.DEFAULT_WINDOW)
    size = 1_000_000
    async with serving(limits) as server, raw(server.port) as client:
        client.send(client.request(1, "Total"))
        body = grpc_body(b"small") + grpc_body(bytes(size))
        allowed = frames.DEFAULT_WINDOW
        while body:
            piece, body = body[: min(allowed, 16_384)], body[min(allowed, 16_384) :]
            client.send(frame(frames.DATA, 0 if body else frames.END_STREAM, 1, piece))
            allowed -= len(piece)
            while body and not allowed:
                allowed += int.from_bytes((await client.until(frames.WINDOW_UPDATE, 1))[3], "big")
        assert (await client.answer(1))[1] == grpc_body(b"2 %d" % (size + 5))


async def test_more_data_than_the_streams_window_resets_the_stream() -> None:
    gate = Gate()
    limits = Limits(stream_window=frames.DEFAULT_WINDOW, connection_window=2**20)
    async with serving(limits, Wait=gate) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        for _ in range(7):
            client.send(frame(frames.DATA, 0, 1, grpc_body(bytes(10_000))))
        assert await client.reset(1) is ErrorCode.FLOW_CONTROL_ERROR


async def test_more_data_than_the_connections_window_drops_the_connection() -> None:
    limits = Limits(stream_window=2**20, connection_window=frames.DEFAULT_WINDOW)
    async with serving(limits, Wait=Gate()) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        for _ in range(7):
            client.send(frame(frames.DATA, 0, 1, grpc_body(bytes(10_000))))
        assert await client.dropped() is ErrorCode.FLOW_CONTROL_ERROR


async def test_unread_bytes_of_an_ended_call_open_the_connections_window_again() -> None:
    limits = Limits(stream_window=frames.DEFAULT_WINDOW, connection_window=frames.DEFAULT_WINDOW)
    async with serving(limits, Wait=Gate()) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        for _ in range(6):
            client.send(frame(frames.DATA, 0, 1, grpc_body(bytes(10_000))))
        assert [seen for seen in await client.before_ping() if seen[0] == frames.WINDOW_UPDATE] == []
        client.send(frames.reset(1, ErrorCode.CANCEL))
        await client.until(frames.WINDOW_UPDATE, 0)


async def test_data_on_a_closed_stream_does_not_use_up_the_connections_window() -> None:
    limits = Limits(connection_window=frames.DEFAULT_WINDOW)
    async with serving(limits) as server, raw(server.port) as client:
        client.send(client.request(1, "Echo"), frames.reset(1, ErrorCode.CANCEL))
        client.send(frame(frames.DATA, 0, 1, bytes(60_000)))
        await client.until(frames.WINDOW_UPDATE, 0)


async def test_calls_above_the_limit_are_refused_and_may_be_tried_again() -> None:
    gate = Gate()
    async with serving(Limits(streams=2), Wait=gate) as server, raw(server.port) as client:
        assert (
            frames.read_settings((await client.until(frames.SETTINGS))[3])[Setting.MAX_CONCURRENT_STREAMS]
            == 2
        )
        for stream_id in (1, 3, 5):
            client.call(stream_id, "Wait", b"x")
        assert await client.reset(5) is ErrorCode.REFUSED_STREAM
        gate.open.set()
        for stream_id in (1, 3):
            assert (await client.answer(stream_id))[0]["grpc-status"] == "0"
        client.call(7, "Echo", b"x")
        assert (await client.answer(7))[0]["grpc-status"] == "0"
