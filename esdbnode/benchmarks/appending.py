"""Appends: by many writers, many at a time on one call, in batches."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

import grpc
from esdbclient import StreamState
from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from google.protobuf import empty_pb2

from benchmarks.kit import DATA, StreamsStub, connected, event, measured
from esdbnode.testing import Node

WRITERS, APPENDS = 64, 3_000
MULTIPLEXED = 256
BATCH, BATCHES = 100, 300


async def append_from_writers(node: Node) -> None:
    async with connected(node) as client:

        async def write(number: int) -> None:
            stream, revision = f"writer-{uuid4()}", -1
            for _ in range(APPENDS // WRITERS):
                expected = StreamState.NO_STREAM if revision < 0 else revision
                await client.append_to_stream(stream, current_version=expected, events=[event()], timeout=30)
                revision += 1

        await asyncio.gather(*(write(number) for number in range(WRITERS)))


async def append_multiplexed(node: Node) -> None:
    """One BatchAppend call with many appends in flight, each with its correlation id."""
    slots = asyncio.Semaphore(MULTIPLEXED)
    async with grpc.aio.insecure_channel(node.address) as channel:
        call = StreamsStub(channel).BatchAppend(timeout=60)

        async def answers() -> None:
            for _ in range(APPENDS):
                response = await call.read()
                if not response.HasField("success"):
                    raise SystemExit(f"An append was refused: {response}")
                slots.release()

        reading = asyncio.create_task(answers())
        for _ in range(APPENDS):
            await slots.acquire()
            await call.write(_batch_request())
        await call.done_writing()
        await reading


def _batch_request() -> streams_pb2.BatchAppendReq:
    metadata = {"type": "Benchmarked", "content-type": "application/json"}
    return streams_pb2.BatchAppendReq(
        correlation_id=shared_pb2.UUID(string=str(uuid4())),
        options=streams_pb2.BatchAppendReq.Options(
            stream_identifier=shared_pb2.StreamIdentifier(stream_name=f"multiplexed-{uuid4()}".encode()),
            no_stream=empty_pb2.Empty(),
        ),
        proposed_messages=[
            streams_pb2.BatchAppendReq.ProposedMessage(
                id=shared_pb2.UUID(string=str(uuid4())), metadata=metadata, data=DATA
            )
        ],
        is_final=True,
    )


async def append_batches(node: Node) -> None:
    async with connected(node) as client:

        async def write() -> None:
            for _ in range(BATCHES // 8):
                events = [event() for _ in range(BATCH)]
                await client.append_to_stream(
                    f"batch-{uuid4()}", current_version=StreamState.NO_STREAM, events=events
                )

        await asyncio.gather(*(write() for _ in range(8)))


def appends(node: Node) -> list[dict[str, Any]]:
    def run(work: Callable[[Node], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        return lambda: asyncio.run(work(node))

    written = APPENDS // WRITERS * WRITERS
    return [
        measured(
            f"append, {WRITERS} async writers",
            "1,600, 250 us",
            "1,970, 420 us",
            written,
            node,
            run(append_from_writers),
        ),
        measured(
            f"append, one call, {MULTIPLEXED} in flight",
            "3,500",
            "4,000, 50 us",
            APPENDS,
            node,
            run(append_multiplexed),
        ),
        measured(
            f"append, batches of {BATCH}",
            "15,000",
            "24,000",
            BATCHES // 8 * 8 * BATCH,
            node,
            run(append_batches),
        ),
    ]
