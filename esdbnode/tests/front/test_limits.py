"""Limits on the bytes and connections that the server holds for clients."""

import asyncio
import re
import struct

import pytest

from esdbnode.call import Status
from esdbnode.http2 import Limits, frames
from esdbnode.http2.frames import ErrorCode, frame
from esdbnode.wording import faults
from tests.front.handlers import Gate, serving
from tests.front.raw import grpc_body, raw


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


@pytest.mark.parametrize("limits", [{"stream_window": 1}, {"connection_window": 1}])
def test_windows_that_clients_cannot_know_in_time_are_refused(limits: dict[str, int]) -> None:
    said = faults.window_limit_too_small(frames.DEFAULT_WINDOW)
    with pytest.raises(ValueError, match=re.escape(said)):
        Limits(**limits)


@pytest.mark.parametrize("size", [1, 2**24])
def test_a_frame_size_that_http_2_does_not_allow_is_refused(size: int) -> None:
    said = faults.frame_limit_out_of_range(frames.DEFAULT_FRAME_SIZE, frames.LARGEST_FRAME_SIZE, size)
    with pytest.raises(ValueError, match=re.escape(said)):
        Limits(frame=size)
