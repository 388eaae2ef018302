"""Through grpcio's asyncio client, which esdbclient uses too."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import grpc.experimental
import pytest

from esdbnode.call import Call, RpcError, Status
from esdbnode.http2 import serve
from tests.front.grpcio import DEADLINE, channel_to, path
from tests.front.handlers import BLOCK, ROUTES, serving


async def test_many_calls_at_once_on_one_channel_keep_apart() -> None:
    async with serving() as server, channel_to(server.port) as channel:
        echo = channel.unary_unary(path("Echo"))
        bodies = [b"%d " % at + bytes(at) for at in range(1000)]
        assert await asyncio.gather(*(echo(body, timeout=DEADLINE) for body in bodies)) == bodies


async def test_a_thousand_subscriptions_on_one_connection_are_served_together() -> None:
    begun, all_begun, go = 0, asyncio.Event(), asyncio.Event()

    async def subscribe(call: Call) -> None:
        nonlocal begun
        await call.send([b"confirmed"])
        begun += 1
        if begun == 1000:
            all_begun.set()
        await go.wait()
        await call.send([b"event"] * 3)

    async def subscriber(channel: grpc.aio.Channel) -> list[bytes]:
        return [message async for message in channel.unary_stream(path("Subscribe"))(b"", timeout=60)]

    async with serving(Subscribe=subscribe) as server, channel_to(server.port) as channel:
        subscribers = [asyncio.create_task(subscriber(channel)) for _ in range(1000)]
        await all_begun.wait()
        go.set()
        assert await asyncio.gather(*subscribers) == [[b"confirmed", b"event", b"event", b"event"]] * 1000


async def test_a_hundred_streams_larger_than_the_windows_share_the_connection() -> None:
    async def reader(channel: grpc.aio.Channel) -> int:
        return sum(
            [len(message) async for message in channel.unary_stream(path("Count"))(b"300", timeout=100)]
        )

    whole = sum(len(b"%d " % at + BLOCK) for at in range(300))
    async with serving() as server, channel_to(server.port) as channel:
        assert await asyncio.gather(*(reader(channel) for _ in range(100))) == [whole] * 100


async def test_cancelling_after_the_first_answer_is_how_batch_appends_end() -> None:
    ended, all_ended = 0, asyncio.Event()

    async def batch_append(call: Call) -> None:
        nonlocal ended
        try:
            async for message in call.messages():
                await call.send([message])
        finally:
            ended += 1
            if ended == 500:
                all_ended.set()

    async def append(channel: grpc.aio.Channel, body: bytes) -> bytes:
        async def requests() -> AsyncIterator[bytes]:
            yield body

        call = channel.stream_stream(path("BatchAppend"))(requests(), timeout=DEADLINE)
        async for answer in call:
            call.cancel()
            return bytes(answer)
        raise AssertionError

    async with serving(BatchAppend=batch_append) as server, channel_to(server.port) as channel:
        bodies = [b"%d" % at for at in range(500)]
        assert await asyncio.gather(*(append(channel, body) for body in bodies)) == bodies
        await all_ended.wait()


async def test_an_error_while_the_client_still_sends_reaches_it() -> None:
    async def picky(call: Call) -> None:
        async for message in call.messages():
            if message == b"3":
                raise RpcError(Status.INVALID_ARGUMENT, "three")

    async def endless() -> AsyncIterator[bytes]:
        """It pauses after the message that is refused: grpc.aio says INTERNAL if a send of its own fails just then."""
        for at in range(4):
            yield b"%d" % at
        await asyncio.Event().wait()

    async with serving(Picky=picky) as server, channel_to(server.port) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await channel.stream_unary(path("Picky"))(endless(), timeout=DEADLINE)
        assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert await channel.unary_unary(path("Echo"))(b"x", timeout=DEADLINE) == b"x"


async def test_a_restarted_server_is_found_again_by_the_same_channel() -> None:
    async with serving() as server:
        port = server.port
        channel = grpc.aio.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.initial_reconnect_backoff_ms", 100)]
        )
        assert await channel.unary_unary(path("Echo"))(b"x", timeout=DEADLINE) == b"x"
    again = await serve(ROUTES, ("127.0.0.1", port))
    assert await channel.unary_unary(path("Echo"))(b"y", timeout=DEADLINE, wait_for_ready=True) == b"y"
    await channel.close()
    await again.close()
