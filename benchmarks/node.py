"""The embedded node beside what EventStoreDB 24.6 did on two cores of the same kind.

    python -m benchmarks.node [EVENTS]

The node is a process of its own with the log in a file; events of 466 bytes; medians of RUNS; CPU of both sides, in
us an event. `real` is the real server's figure, where there is one.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import psutil
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import shared_pb2, streams_pb2, streams_pb2_grpc
from google.protobuf import empty_pb2
from grpc.experimental import ChannelOptions

from benchmarks.kit import percentile, report, spread
from tests.kit.node import Node, start_node

RUNS = 5
EVENTS = 100_000
LONG = 1_000_000
DATA = b'{"padding": "' + b"x" * 451 + b'"}'
ONE_THREAD = (ChannelOptions.SingleThreadedUnaryStream, 1)
WRITERS, APPENDS = 64, 3_000
MULTIPLEXED = 256
BATCH, BATCHES = 100, 300
LIVE_RATE, LIVE_EVENTS = 100, 500


class OneThreaded(EventStoreDBClient):
    """The sync client on a channel that is read on the caller's thread."""

    def _construct_grpc_channel(self, grpc_target: str, grpc_options: Any = ()) -> grpc.Channel:
        return super()._construct_grpc_channel(grpc_target, (*grpc_options, ONE_THREAD))


class Cost:
    """What a stretch of work took: seconds, CPU seconds of the node and of this process."""

    seconds = server = client = 0.0


@contextmanager
def costing(node: Node) -> Iterator[Cost]:
    cost, process = Cost(), psutil.Process(node.process.pid)
    wall, server, client = time.perf_counter(), _cpu(process), time.process_time()
    yield cost
    cost.seconds = time.perf_counter() - wall
    cost.server = _cpu(process) - server
    cost.client = time.process_time() - client


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def event() -> NewEvent:
    return NewEvent(type="Benchmarked", data=DATA)


def measured(
    what: str, target: str, real: str, events: int, node: Node, work: Callable[[], None]
) -> dict[str, Any]:
    """`work` handles `events` events each time."""
    rates, servers, clients = [], [], []
    for _ in range(RUNS):
        with costing(node) as cost:
            work()
        rates.append(events / cost.seconds)
        servers.append(1e6 * cost.server / events)
        clients.append(1e6 * cost.client / events)
    rate = spread(rates)
    return {
        "what": what,
        "events/s": round(rate["median"]),
        "least": round(rate["least"]),
        "most": round(rate["most"]),
        "target": target,
        "real": real,
        "node us": round(spread(servers)["median"], 1),
        "client us": round(spread(clients)["median"], 1),
    }


def fill(node: Node, events: int) -> None:
    client = EventStoreDBClient(node.uri)
    for start in range(0, events, 1_000):
        client.append_to_stream(
            f"filled-{start // 1_000 % 100}",
            current_version=StreamState.ANY,
            events=[event() for _ in range(min(1_000, events - start))],
            timeout=30,
        )
    client.close()


def read_with_client(node: Node) -> int:
    client = OneThreaded(node.uri)
    try:
        return sum(1 for _ in client.read_all(timeout=120))
    finally:
        client.close()


def read_with_stub(node: Node) -> int:
    options = streams_pb2.ReadReq.Options(
        all=streams_pb2.ReadReq.Options.AllOptions(start=shared_pb2.Empty()),
        count=2**62,
        no_filter=shared_pb2.Empty(),
        uuid_option=streams_pb2.ReadReq.Options.UUIDOption(string=shared_pb2.Empty()),
    )
    with grpc.insecure_channel(node.address, options=(ONE_THREAD,)) as channel:
        stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
        return sum(1 for _ in stub.Read(streams_pb2.ReadReq(options=options), timeout=120))


def reads(node: Node, events: int) -> list[dict[str, Any]]:
    return [
        measured(
            "read, esdbclient",
            "45,000, 5 us",
            "47,000",
            events,
            node,
            lambda: _all(read_with_client, node, events),
        ),
        measured(
            "read, stub",
            "70,000, 5 us",
            "60-80,000",
            events,
            node,
            lambda: _all(read_with_stub, node, events),
        ),
    ]


def _all(read: Callable[[Node], int], node: Node, events: int) -> None:
    found = read(node)
    if found < events:
        raise SystemExit(f"Only {found} of {events} events were read.")


@asynccontextmanager
async def connected(node: Node) -> AsyncIterator[AsyncEventStoreDBClient]:
    client = AsyncEventStoreDBClient(node.uri)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


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
    """One BatchAppend call, so many appends in flight, told apart by correlation id."""
    slots = asyncio.Semaphore(MULTIPLEXED)
    async with grpc.aio.insecure_channel(node.address) as channel:
        call = streams_pb2_grpc.StreamsStub(channel).BatchAppend(timeout=60)  # type: ignore[no-untyped-call]

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
    def run(work: Callable[[Node], Awaitable[None]]) -> Callable[[], None]:
        return lambda: asyncio.run(work(node))  # type: ignore[arg-type]

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


async def latencies(node: Node) -> list[float]:
    """From sending an append to having it from a subscription, in ms, at LIVE_RATE a second."""
    seen: dict[str, float] = {}
    sent: dict[str, float] = {}
    stream = f"live-{uuid4()}"
    async with connected(node) as client:
        subscription = await client.subscribe_to_stream(stream)

        async def watch() -> None:
            async for recorded in subscription:
                seen[str(recorded.id)] = time.perf_counter()
                if len(seen) == LIVE_EVENTS:
                    return

        watching = asyncio.create_task(watch())
        begun = time.perf_counter()
        for number in range(LIVE_EVENTS):
            await asyncio.sleep(max(0.0, begun + number / LIVE_RATE - time.perf_counter()))
            new = event()
            sent[str(new.id)] = time.perf_counter()
            await client.append_to_stream(stream, current_version=StreamState.ANY, events=[new], timeout=10)
        await asyncio.wait_for(watching, 10)
        await subscription.stop()
    return [1000 * (seen[name] - sent[name]) for name in sent]


def live(node: Node) -> list[dict[str, Any]]:
    found = [asyncio.run(latencies(node)) for _ in range(RUNS)]
    return [
        {
            "what": f"append to subscriber at {LIVE_RATE}/s, ms, p{round(100 * share)}",
            **spread([percentile(each, share) for each in found]),
            "target": target,
            "real": real,
        }
        for share, target, real in ((0.5, "3", "2.3"), (0.99, "10", "5.2"))
    ]


def long_log(folder: Path, short_rate: int) -> list[dict[str, Any]]:
    """Start-up, memory and read rate with LONG events."""
    file = folder / "long.db"
    with start_node(file) as node:
        fill(node, LONG)
    began = time.perf_counter()
    with start_node(file) as node:
        started = time.perf_counter() - began
        read = measured("read, stub", "", "", LONG, node, lambda: _all(read_with_stub, node, LONG))
        memory = psutil.Process(node.process.pid).memory_info().rss / 1e6
    return [
        {"what": f"start with {LONG:,} events, s", "measured": round(started, 2), "target": "2", "real": ""},
        {"what": "memory after reading all, MB", "measured": round(memory), "target": "150", "real": "570"},
        {
            "what": "read, stub, events/s",
            "measured": read["events/s"],
            "target": f"0.9 x {short_rate:,}",
            "real": "",
        },
    ]


def main(events: int = EVENTS) -> None:
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        folder = Path(name)
        with start_node(folder / "log.db") as node:
            fill(node, events)
            rows = reads(node, events)
        with start_node(folder / "appends.db") as node:
            report(f"node, {events:,} events of {len(DATA)} bytes, {RUNS} runs", [*rows, *appends(node)])
            report("node, live", live(node))
        report(f"node, {LONG:,} events", long_log(folder, rows[1]["events/s"]))


if __name__ == "__main__":
    main(*(int(word.replace("_", "").replace(",", "")) for word in sys.argv[1:2]))
