"""Channels of grpcio, and the methods of the handlers on them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import grpc.experimental
import pytest

DEADLINE = 20.0
UNBOUNDED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
SINGLE_THREADED = [(grpc.experimental.ChannelOptions.SingleThreadedUnaryStream, 1)]


def path(name: str) -> str:
    return f"/test.Test/{name}"


async def blocking(
    port: int, client: Callable[[grpc.Channel], Any], options: list[tuple[str, int]] | None = None
) -> Any:
    """Run `client` on a channel in a thread."""

    def run() -> Any:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options or UNBOUNDED) as channel:
            return client(channel)

    return await asyncio.to_thread(run)


@asynccontextmanager
async def channel_to(port: int) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=UNBOUNDED) as channel:
        yield channel


def refused(call: Callable[[], Any]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as refusal:
        call()
    return refusal.value
