"""Violations of RFC 9113, and whether they end the connection or one call."""

import pytest

from esdbnode.http2 import frames
from esdbnode.http2.frames import ErrorCode, Setting, frame
from tests.front.handlers import Gate, serving
from tests.front.raw import Raw, number, raw


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
    "CONTINUATION without HEADERS": (frame(9, 4, 1, b"\x82"), ErrorCode.PROTOCOL_ERROR),
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
    "a frame above the limit": (frames.head(2**16 + 1, 0, 0, 1), ErrorCode.FRAME_SIZE_ERROR),
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
async def test_a_broken_rule_of_a_stream_ends_only_that_call(fault: str) -> None:
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
