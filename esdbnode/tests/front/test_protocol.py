"""RFC 9113 and gRPC over HTTP/2, frame by frame."""

import asyncio
import struct

import pytest

from esdbnode.call import Call, Status
from esdbnode.http2 import Limits, frames
from esdbnode.http2.frames import ErrorCode, Setting, frame
from tests.front.handlers import BLOCK, Gate, serving
from tests.front.raw import Raw, fields, grpc_body, raw


def number(value: int) -> bytes:
    return struct.pack(">L", value)


def size_of_data(seen: list[frames.Frame], stream_id: int | None = None) -> int:
    return sum(len(body) for kind, _, on, body in seen if kind == frames.DATA and stream_id in (None, on))


# Answers


async def test_a_call_is_answered_with_headers_data_and_trailers() -> None:
    async with serving() as server, raw(server.port) as client:
        client.call(1, "Echo", b"hello")
        first = await client.until(frames.HEADERS)
        data = await client.frame()
        last = await client.frame()
        assert client.heads(first[3]) == {":status": "200", "content-type": "application/grpc"}
        assert data == (frames.DATA, 0, 1, grpc_body(b"hello"))
        assert client.heads(last[3]) == {"grpc-status": "0"}
        assert last[1] == frames.END_STREAM | frames.END_HEADERS


async def test_a_refusal_without_messages_is_one_header_block() -> None:
    async with serving() as server, raw(server.port) as client:
        client.call(1, "Refuse")
        _, flags, _, payload = await client.until(frames.HEADERS, 1)
        assert flags & frames.END_STREAM
        assert client.heads(payload) == {
            ":status": "200",
            "content-type": "application/grpc",
            "grpc-status": str(int(Status.FAILED_PRECONDITION)),
            "grpc-message": "100 %25 zu sp%C3%A4t",
            "exception": "wrong-expected-version",
            "stream-name": "%C3%BC",
            "raw-bin": "AP8",
        }


async def test_an_unknown_path_is_unimplemented() -> None:
    async with serving() as server, raw(server.port) as client:
        for stream_id, path, what in ((1, "/test.Test/None", "Method"), (3, "/test.Te/Echo", "Service")):
            client.send(
                frame(1, frames.END_HEADERS | frames.END_STREAM, stream_id, client.block(fields(path)))
            )
            headers, _ = await client.answer(stream_id)
            assert headers["grpc-status"] == str(int(Status.UNIMPLEMENTED))
            assert headers["grpc-message"] == f"{what} is unimplemented."


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("content-type", "application/json", "415"),
        ("content-type", "application/grpc-web", "415"),
        (":method", "GET", "405"),
    ],
)
async def test_what_is_no_grpc_is_refused_by_http_status(name: str, value: str, status: str) -> None:
    async with serving() as server, raw(server.port) as client:
        block = client.block([(key, value if key == name else old) for key, old in fields("/test.Test/Echo")])
        client.send(frames.header_frames(1, block, 0, 16384))
        headers, _ = await client.answer(1)
        assert headers[":status"] == status
        assert await client.reset(1) is ErrorCode.NO_ERROR


@pytest.mark.parametrize("kind", ["application/grpc+proto", "application/grpc;charset=utf-8"])
async def test_variants_of_the_content_type_are_grpc(kind: str) -> None:
    async with serving() as server, raw(server.port) as client:
        block = client.block([(k, kind if k == "content-type" else v) for k, v in fields("/test.Test/Echo")])
        client.send(frames.header_frames(1, block, frames.END_STREAM, 16384))
        headers, _ = await client.answer(1)
        assert headers["grpc-status"] == "0"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\x00\x00\x00\x00\x09short", Status.INTERNAL),
        (b"\x00\x00", Status.INTERNAL),
        (b"\x01\x00\x00\x00\x01x", Status.INTERNAL),
        (b"\x00\xff\xff\xff\xff", Status.RESOURCE_EXHAUSTED),
    ],
)
async def test_a_broken_message_ends_the_call_with_a_status_and_only_that_call(
    body: bytes, status: Status
) -> None:
    gate = Gate()
    async with serving(Wait=gate) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        await gate.begun.wait()
        client.send(frame(frames.DATA, frames.END_STREAM, 1, body))
        headers, _ = await client.answer(1)
        assert headers["grpc-status"] == str(int(status))
        await gate.cancelled.wait()
        assert [seen for seen in await client.before_ping() if seen[0] == frames.RST_STREAM] == []
        client.call(3, "Echo", b"still here")
        assert await client.answer(3) == (
            {":status": "200", "content-type": "application/grpc", "grpc-status": "0"},
            grpc_body(b"still here"),
        )


async def test_a_malformed_timeout_ends_the_call() -> None:
    async with serving() as server, raw(server.port) as client:
        client.send(client.request(1, "Echo", [("grpc-timeout", "soon")], frames.END_STREAM))
        headers, _ = await client.answer(1)
        assert headers["grpc-status"] == str(int(Status.INTERNAL))
        assert "soon" in headers["grpc-message"]


async def test_a_passed_deadline_is_told_and_cancels_the_handler() -> None:
    gate = Gate()
    async with serving(Wait=gate) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait", [("grpc-timeout", "50m")], frames.END_STREAM))
        headers, _ = await client.answer(1)
        assert headers["grpc-status"] == str(int(Status.DEADLINE_EXCEEDED))
        await gate.cancelled.wait()


async def test_a_handler_that_ends_early_resets_the_open_half_without_error() -> None:
    async with serving() as server, raw(server.port) as client:
        client.send(client.request(1, "First"), frame(frames.DATA, 0, 1, grpc_body(b"a")))
        headers, data = await client.answer(1)
        assert (headers["grpc-status"], data) == ("0", grpc_body(b"a"))
        assert await client.reset(1) is ErrorCode.NO_ERROR
        client.send(frame(frames.DATA, 0, 1, grpc_body(b"late")), client.request(1, "First", flags=1))
        client.call(3, "Echo", b"b")
        assert (await client.answer(3))[1] == grpc_body(b"b")


async def test_trailers_end_a_request() -> None:
    async with serving() as server, raw(server.port) as client:
        client.send(client.request(1, "Total"), frame(frames.DATA, 0, 1, grpc_body(b"abc")))
        trailers = client.block([("x-checksum", "1")])
        client.send(frames.header_frames(1, trailers, frames.END_STREAM, 16384))
        assert (await client.answer(1))[1] == grpc_body(b"1 3")


async def test_padding_priority_and_continuation_change_nothing() -> None:
    async with serving() as server, raw(server.port) as client:
        block = client.block(fields("/test.Test/Total", [("x", "y" * 100)]))
        flags = frames.PADDED | frames.WITH_PRIORITY
        start = bytes((7,)) + number(0) + b"\x10" + block[:20] + bytes(7)
        body = grpc_body(b"abc")
        client.send(
            frame(frames.HEADERS, flags, 1, start),
            frame(frames.CONTINUATION, 0, 1, block[20:50]),
            frame(frames.CONTINUATION, frames.END_HEADERS, 1, block[50:]),
            frame(frames.PRIORITY, 0, 1, number(0) + b"\x10"),
            frame(0x77, 0xFF, 1, b"unknown"),
            frame(frames.DATA, frames.PADDED, 1, bytes((200,)) + body[:3] + bytes(200)),
            frame(frames.DATA, frames.PADDED | frames.END_STREAM, 1, bytes((1,)) + body[3:] + bytes(1)),
        )
        assert (await client.answer(1))[1] == grpc_body(b"1 3")


async def test_pings_are_answered_in_kind() -> None:
    async with serving() as server, raw(server.port) as client:
        client.send(frame(frames.PING, 0, 0, b"12345678"))
        assert await client.until(frames.PING) == (frames.PING, frames.ACK, 0, b"12345678")
        client.send(frame(frames.PING, frames.ACK, 0, b"87654321"))
        assert await client.before_ping() == []


async def test_a_goaway_from_the_client_leaves_its_calls_alone() -> None:
    gate = Gate()
    async with serving(Wait=gate) as server, raw(server.port) as client:
        client.call(1, "Wait", b"abc")
        await gate.begun.wait()
        client.send(frames.goaway(0, ErrorCode.NO_ERROR, "bye"))
        gate.open.set()
        assert (await client.answer(1))[1] == grpc_body(b"1 3")


async def test_a_reset_cancels_the_handler() -> None:
    gate = Gate()
    async with serving(Wait=gate) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"))
        await gate.begun.wait()
        client.send(frames.reset(1, ErrorCode.CANCEL))
        await gate.cancelled.wait()
        assert [seen for seen in await client.before_ping() if seen[2] == 1] == []


async def test_a_client_that_goes_away_cancels_its_handlers() -> None:
    gate = Gate()
    async with serving(Wait=gate) as server, raw(server.port) as client:
        client.send(client.request(1, "Wait"), client.request(3, "Wait"))
        await gate.begun.wait()
        client.writer.transport.abort()
        await gate.cancelled.wait()
        await gate.idle.wait()


# What we may send


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


async def test_a_long_send_lets_the_rest_of_the_process_have_a_turn() -> None:
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


# What we let be sent


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


async def test_what_a_call_left_unread_opens_the_connections_window_again() -> None:
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


# Broken rules

HEAD = frames.head


def request(client: Raw, stream_id: int = 1, name: str = "Wait", flags: int = 0) -> bytes:
    return client.request(stream_id, name, (), flags)


CONNECTION_FAULTS = {
    "DATA on stream 0": (frame(0, 0, 0, b"x"), ErrorCode.PROTOCOL_ERROR),
    "DATA on an idle stream": (frame(0, 0, 9, b"x"), ErrorCode.PROTOCOL_ERROR),
    "HEADERS on stream 0": (frame(1, 4, 0, b"\x82"), ErrorCode.PROTOCOL_ERROR),
    "HEADERS on an even stream": (frame(1, 4, 2, b"\x82"), ErrorCode.PROTOCOL_ERROR),
    "HEADERS undecodable": (frame(1, 4, 3, b"\xff\xff\xff\xff\xff"), ErrorCode.COMPRESSION_ERROR),
    "HEADERS padded beyond itself": (frame(1, 4 | 8, 3, b"\x09\x82"), ErrorCode.PROTOCOL_ERROR),
    "HEADERS without its priority": (frame(1, 4 | 32, 3, b"\x82"), ErrorCode.FRAME_SIZE_ERROR),
    "HEADERS interrupted": (frame(1, 0, 3, b"\x82") + frame(6, 0, 0, bytes(8)), ErrorCode.PROTOCOL_ERROR),
    "HEADERS interrupted by another stream's": (
        frame(1, 0, 3, b"\x82") + frame(9, 4, 5, b"\x82"),
        ErrorCode.PROTOCOL_ERROR,
    ),
    "CONTINUATION of nothing": (frame(9, 4, 1, b"\x82"), ErrorCode.PROTOCOL_ERROR),
    "DATA padded beyond itself": (frame(0, 8, 1, b"\x05abc"), ErrorCode.PROTOCOL_ERROR),
    "PRIORITY on stream 0": (frame(2, 0, 0, bytes(5)), ErrorCode.PROTOCOL_ERROR),
    "RST_STREAM on stream 0": (frame(3, 0, 0, bytes(4)), ErrorCode.PROTOCOL_ERROR),
    "RST_STREAM on an idle stream": (frame(3, 0, 9, bytes(4)), ErrorCode.PROTOCOL_ERROR),
    "RST_STREAM of 3 bytes": (frame(3, 0, 1, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
    "SETTINGS on a stream": (frame(4, 0, 1), ErrorCode.PROTOCOL_ERROR),
    "SETTINGS of 5 bytes": (frame(4, 0, 0, bytes(5)), ErrorCode.FRAME_SIZE_ERROR),
    "SETTINGS acknowledged with a payload": (frame(4, 1, 0, bytes(6)), ErrorCode.FRAME_SIZE_ERROR),
    "SETTINGS with a window above 2^31-1": (
        frame(4, 0, 0, b"\x00\x04" + number(2**31)),
        ErrorCode.FLOW_CONTROL_ERROR,
    ),
    "SETTINGS with a tiny frame size": (frame(4, 0, 0, b"\x00\x05" + number(1)), ErrorCode.PROTOCOL_ERROR),
    "SETTINGS that half enable push": (frame(4, 0, 0, b"\x00\x02" + number(2)), ErrorCode.PROTOCOL_ERROR),
    "PUSH_PROMISE": (frame(5, 4, 1, number(2) + b"\x82"), ErrorCode.PROTOCOL_ERROR),
    "PING on a stream": (frame(6, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
    "PING of 7 bytes": (frame(6, 0, 0, bytes(7)), ErrorCode.FRAME_SIZE_ERROR),
    "GOAWAY on a stream": (frame(7, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
    "GOAWAY of 7 bytes": (frame(7, 0, 0, bytes(7)), ErrorCode.FRAME_SIZE_ERROR),
    "WINDOW_UPDATE by 0": (frame(8, 0, 0, bytes(4)), ErrorCode.PROTOCOL_ERROR),
    "WINDOW_UPDATE of 3 bytes": (frame(8, 0, 0, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
    "WINDOW_UPDATE on an idle stream": (frame(8, 0, 9, number(1)), ErrorCode.PROTOCOL_ERROR),
    "WINDOW_UPDATE above 2^31-1": (frame(8, 0, 0, number(2**31 - 1)), ErrorCode.FLOW_CONTROL_ERROR),
    "a frame above the limit": (HEAD(2**16 + 1, 0, 0, 1), ErrorCode.FRAME_SIZE_ERROR),
}


@pytest.mark.parametrize("fault", CONNECTION_FAULTS)
async def test_a_broken_rule_of_the_connection_ends_it_and_its_calls(fault: str) -> None:
    gate = Gate()
    sent, code = CONNECTION_FAULTS[fault]
    async with serving(Wait=gate) as server, raw(server.port) as client:
        client.send(request(client))
        await gate.begun.wait()
        client.send(sent)
        assert await client.dropped() is code
        await gate.idle.wait()


async def test_settings_that_overflow_a_stream_end_the_connection() -> None:
    async with serving(Wait=Gate()) as server, raw(server.port) as client:
        client.send(request(client), frames.window_update(1, 2**31 - 1 - frames.DEFAULT_WINDOW))
        client.send(frames.settings({Setting.INITIAL_WINDOW_SIZE: 2**31 - 1}))
        assert await client.dropped() is ErrorCode.FLOW_CONTROL_ERROR


async def test_a_stream_that_is_closed_may_not_be_opened_again() -> None:
    async with serving() as server, raw(server.port) as client:
        client.call(3, "Echo", b"x")
        await client.answer(3)
        client.send(request(client, 3))
        assert await client.dropped() is ErrorCode.STREAM_CLOSED


async def test_the_first_frame_must_be_settings() -> None:
    async with serving() as server, raw(server.port, greet=False) as client:
        client.send(frames.PREFACE, frame(frames.PING, 0, 0, bytes(8)))
        assert b"HTTP/1.1 400" in await client._reader.read()


STREAM_FAULTS = {
    "WINDOW_UPDATE by 0": (frame(8, 0, 1, bytes(4)), ErrorCode.PROTOCOL_ERROR),
    "WINDOW_UPDATE above 2^31-1": (frame(8, 0, 1, number(2**31 - 1)), ErrorCode.FLOW_CONTROL_ERROR),
    "PRIORITY of 4 bytes": (frame(2, 0, 1, bytes(4)), ErrorCode.FRAME_SIZE_ERROR),
    "trailers that do not end the stream": (frame(1, 4, 1, b"\x00\x01x\x01y"), ErrorCode.PROTOCOL_ERROR),
    "trailers with a pseudo-header": (frame(1, 5, 1, b"\x82"), ErrorCode.PROTOCOL_ERROR),
    "DATA after END_STREAM": (frame(0, 1, 1) + frame(0, 0, 1, b"x"), ErrorCode.STREAM_CLOSED),
    "HEADERS after END_STREAM": (frame(0, 1, 1) + frame(1, 5, 1, b""), ErrorCode.STREAM_CLOSED),
}


@pytest.mark.parametrize("fault", STREAM_FAULTS)
async def test_a_broken_rule_of_a_stream_ends_that_call_alone(fault: str) -> None:
    gate, other = Gate(), Gate()
    sent, code = STREAM_FAULTS[fault]
    async with serving(Wait=gate, Other=other) as server, raw(server.port) as client:
        client.send(request(client))
        client.call(3, "Other", b"x")
        await gate.begun.wait()
        client.send(sent)
        assert await client.reset(1) is code
        await gate.cancelled.wait()
        other.open.set()
        assert (await client.answer(3))[0]["grpc-status"] == "0"


async def test_a_malformed_request_is_reset() -> None:
    async with serving() as server, raw(server.port) as client:
        client.send(frames.header_frames(1, client.block([(":method", "POST")]), frames.END_STREAM, 16384))
        assert await client.reset(1) is ErrorCode.PROTOCOL_ERROR
        client.call(3, "Echo", b"x")
        assert (await client.answer(3))[0]["grpc-status"] == "0"


async def test_data_after_a_clients_own_reset_is_answered_with_stream_closed() -> None:
    async with serving(Wait=Gate()) as server, raw(server.port) as client:
        client.send(request(client), frames.reset(1, ErrorCode.CANCEL), frame(frames.DATA, 0, 1, b"x"))
        assert await client.reset(1) is ErrorCode.STREAM_CLOSED
