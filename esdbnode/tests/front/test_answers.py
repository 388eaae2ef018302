"""The answer to a request, frame by frame (RFC 9113, gRPC over HTTP/2)."""

import pytest

from esdbnode.call import Status
from esdbnode.http2 import frames
from esdbnode.http2.frames import ErrorCode, frame
from esdbnode.wording import calls, protocol
from tests.front.handlers import Gate, serving
from tests.front.raw import fields, grpc_body, number, raw


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
        for stream_id, path, said in (
            (1, "/test.Test/None", protocol.METHOD_UNIMPLEMENTED),
            (3, "/test.Te/Echo", protocol.SERVICE_UNIMPLEMENTED),
        ):
            client.send(
                frame(1, frames.END_HEADERS | frames.END_STREAM, stream_id, client.block(fields(path)))
            )
            headers, _ = await client.answer(stream_id)
            assert headers["grpc-status"] == str(int(Status.UNIMPLEMENTED))
            assert headers["grpc-message"] == said


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("content-type", "application/json", "415"),
        ("content-type", "application/grpc-web", "415"),
        (":method", "GET", "405"),
    ],
)
async def test_a_request_that_is_not_grpc_is_refused_by_http_status(
    name: str, value: str, status: str
) -> None:
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
        assert headers["grpc-message"] == calls.malformed_timeout("soon")


async def test_a_passed_deadline_ends_the_call_and_cancels_the_handler() -> None:
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


async def test_a_goaway_from_the_client_does_not_affect_its_calls() -> None:
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
