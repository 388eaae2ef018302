"""Through grpcio's blocking client, which esdbclient uses."""

import asyncio
import itertools
import threading
from collections.abc import Iterator

import grpc
import grpc.aio
import grpc.experimental
import pytest

from esdbnode.call import Call
from esdbnode.http2 import Limits
from esdbnode.wording import calls, protocol
from tests.front.grpcio import DEADLINE, SINGLE_THREADED, UNBOUNDED, blocking, path, refused
from tests.front.handlers import BLOCK, Gate, serving

pytestmark = pytest.mark.slow


async def test_every_kind_of_call_is_answered() -> None:
    def client(channel: grpc.Channel) -> None:
        some = [b"a", b"", b"ccc"]
        assert channel.unary_unary(path("Echo"))(b"x", timeout=DEADLINE) == b"x"
        assert channel.stream_unary(path("Total"))(iter(some), timeout=DEADLINE) == b"3 4"
        assert list(channel.unary_stream(path("Count"))(b"3", timeout=DEADLINE)) == [
            b"%d " % n + BLOCK for n in range(3)
        ]
        assert list(channel.stream_stream(path("Echo"))(iter(some), timeout=DEADLINE)) == some
        assert list(channel.stream_stream(path("Nothing"))(iter(some), timeout=DEADLINE)) == []

    async with serving() as server:
        await blocking(server.port, client)


@pytest.mark.parametrize("options", [UNBOUNDED, SINGLE_THREADED])
async def test_a_long_stream_arrives_whole_and_in_order(options: list[tuple[str, int]]) -> None:
    def client(channel: grpc.Channel) -> list[bytes]:
        return list(channel.unary_stream(path("Count"))(b"30000", timeout=DEADLINE))

    async with serving() as server:
        assert await blocking(server.port, client, options) == [b"%d " % n + BLOCK for n in range(30_000)]


@pytest.mark.parametrize("size", [0, 1, 16_379, 16_380, 65_531, 1_048_576, 17 * 1024 * 1024])
async def test_a_message_of_any_size_up_to_the_limit_goes_both_ways(size: int) -> None:
    body = bytes(size)
    async with serving() as server:
        echoed = await blocking(
            server.port, lambda channel: channel.unary_unary(path("Echo"))(body, timeout=DEADLINE)
        )
        assert echoed == body


async def test_a_message_above_the_limit_is_refused_and_the_channel_stays_open() -> None:
    most = Limits().message

    def client(channel: grpc.Channel) -> grpc.RpcError:
        echo = channel.unary_unary(path("Echo"))
        refusal = refused(lambda: echo(bytes(most + 1), timeout=DEADLINE))
        assert echo(b"x", timeout=DEADLINE) == b"x"
        return refusal

    async with serving() as server:
        refusal = await blocking(server.port, client)
        assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert refusal.details() == calls.message_too_large(most + 1, most)


async def test_errors_carry_status_message_and_trailers() -> None:
    async with serving() as server:
        call = await blocking(
            server.port,
            lambda channel: refused(lambda: channel.unary_unary(path("Refuse"))(b"", timeout=DEADLINE)),
        )
        assert call.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert call.details() == "100 % zu spät"
        trailers = dict(call.trailing_metadata())
        assert trailers == {
            "exception": "wrong-expected-version",
            "stream-name": "%C3%BC",
            "raw-bin": b"\x00\xff",
        }


async def test_an_error_after_messages_comes_after_them() -> None:
    def client(channel: grpc.Channel) -> tuple[list[bytes], grpc.StatusCode]:
        call = channel.unary_stream(path("RefuseLate"))(b"", timeout=DEADLINE)
        got = [next(call), next(call)]
        return got, refused(lambda: next(call)).code()

    async with serving() as server:
        assert await blocking(server.port, client) == ([b"one", b"two"], grpc.StatusCode.ABORTED)


async def test_a_failing_handler_is_explained_only_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving() as server:
        call = await blocking(
            server.port,
            lambda channel: refused(lambda: channel.unary_unary(path("Crash"))(b"", timeout=DEADLINE)),
        )
        assert (call.code(), call.details()) == (grpc.StatusCode.UNKNOWN, protocol.HANDLER_FAILED)
    assert "ValueError: secret" in caplog.text


@pytest.mark.parametrize(
    ("where", "details"),
    [
        ("/test.Test/None", protocol.METHOD_UNIMPLEMENTED),
        ("/no.Service/Echo", protocol.SERVICE_UNIMPLEMENTED),
    ],
)
async def test_unknown_methods_are_unimplemented(where: str, details: str) -> None:
    async with serving() as server:
        call = await blocking(
            server.port, lambda channel: refused(lambda: channel.unary_unary(where)(b"", timeout=DEADLINE))
        )
        assert (call.code(), call.details()) == (grpc.StatusCode.UNIMPLEMENTED, details)


async def test_metadata_reaches_the_handler() -> None:
    sent = (
        ("authorization", "Basic eDp5"),
        ("requires-leader", "true"),
        ("x-bin", b"\x00\x01"),
        ("twice", "1"),
        ("twice", "2"),
    )

    def client(channel: grpc.Channel) -> set[bytes]:
        return set(channel.unary_stream(path("Metadata"))(b"", timeout=DEADLINE, metadata=sent))

    async with serving() as server:
        got = await blocking(server.port, client)
        assert {b"authorization=Basic eDp5", b"requires-leader=true", b"x-bin=AAE", b"twice=1,2"} <= got
        assert not any(field.startswith(b":") for field in got)


async def test_compressed_requests_are_refused() -> None:
    def client(channel: grpc.Channel) -> grpc.RpcError:
        echo = channel.unary_unary(path("Echo"))
        return refused(lambda: echo(bytes(10_000), timeout=DEADLINE, compression=grpc.Compression.Gzip))

    async with serving() as server:
        refusal = await blocking(server.port, client)
        assert refusal.code() is grpc.StatusCode.UNIMPLEMENTED
        assert refusal.details() == protocol.unsupported_encoding("gzip")


async def test_a_deadline_passes_for_client_and_handler() -> None:
    gate = Gate()
    async with serving(Wait=gate) as server:
        call = await blocking(
            server.port, lambda channel: refused(lambda: channel.unary_unary(path("Wait"))(b"", timeout=0.2))
        )
        assert call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await gate.cancelled.wait()


async def test_cancelling_a_stream_cancels_its_handler() -> None:
    cancelled = asyncio.Event()

    async def endless(call: Call) -> None:
        try:
            while True:
                await call.send([BLOCK] * 100)
        finally:
            cancelled.set()

    def client(channel: grpc.Channel) -> bytes:
        call = channel.unary_stream(path("Endless"))(b"")
        first: bytes = next(call)
        call.cancel()
        return first

    async with serving(Endless=endless) as server:
        assert await blocking(server.port, client) == BLOCK
        await cancelled.wait()


async def test_a_slow_reader_gets_everything_and_is_never_sent_far_ahead() -> None:
    sent = 0

    async def pages(call: Call) -> None:
        nonlocal sent
        for page in range(600):
            await call.send([page.to_bytes(2, "big") + bytes(9_998)] * 10)
            sent += 1

    reading = threading.Event()

    def client(channel: grpc.Channel) -> list[int]:
        call = channel.unary_stream(path("Pages"))(b"", timeout=60)
        first = next(call)
        reading.wait(DEADLINE)
        return [int.from_bytes(message[:2], "big") for message in itertools.chain([first], call)]

    async with serving(Pages=pages) as server:
        reader = asyncio.create_task(blocking(server.port, client))
        before = -1
        while before != sent or not sent:
            before = sent
            await asyncio.sleep(0.2)
        assert sent < 400
        reading.set()
        assert await reader == [page for page in range(600) for _ in range(10)]


async def test_a_request_stream_is_answered_message_by_message_while_it_is_open() -> None:
    turn = threading.Semaphore(1)

    def questions() -> Iterator[bytes]:
        for at in range(100):
            assert turn.acquire(timeout=DEADLINE)
            yield b"%d" % at

    def client(channel: grpc.Channel) -> list[bytes]:
        answers = []
        for answer in channel.stream_stream(path("Echo"))(questions(), timeout=DEADLINE):
            answers.append(answer)
            turn.release()
        return answers

    async with serving() as server:
        assert await blocking(server.port, client) == [b"%d" % at for at in range(100)]


async def test_a_fast_writer_waits_for_a_slow_handler() -> None:
    most = 0

    async def slow(call: Call) -> None:
        nonlocal most
        taken = 0
        async for _ in call.messages():
            taken += 1
            most = max(most, produced - taken)
            if taken % 50 == 0:
                await asyncio.sleep(0.005)
        await call.send([b"%d" % taken])

    produced = 0

    def events() -> Iterator[bytes]:
        nonlocal produced
        for _ in range(3000):
            produced += 1
            yield bytes(10_000)

    limits = Limits(stream_window=65_535, connection_window=65_535)
    async with serving(limits, Slow=slow) as server:
        count = await blocking(
            server.port, lambda channel: channel.stream_unary(path("Slow"))(events(), timeout=60)
        )
        assert count == b"3000"
        assert most < 2000
