"""The node, compared with the results of EventStoreDB 24.6 on two cores of the same kind.

    python -m benchmarks.node [EVENTS]

The node is a separate process with the log in a file. Events have 466 bytes. Figures are medians of RUNS; CPU is in
us per event, for each side. `real` is the figure of the real server, if there is one.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import psutil
from esdbclient import EventStoreDBClient, StreamState
from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from grpc.experimental import ChannelOptions

from benchmarks.appending import appends
from benchmarks.kit import DATA, RUNS, StreamsStub, connected, event, measured, percentile, report, spread
from esdbnode.testing import Node, start_node

EVENTS = 100_000
LONG = 1_000_000
ONE_THREAD = (ChannelOptions.SingleThreadedUnaryStream, 1)
LIVE_RATE, LIVE_EVENTS = 100, 500


class OneThreaded(EventStoreDBClient):
    """The sync client with a channel that is read on the caller's thread."""

    def _construct_grpc_channel(self, grpc_target: str, grpc_options: Any = ()) -> grpc.Channel:
        return super()._construct_grpc_channel(grpc_target, (*grpc_options, ONE_THREAD))


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
        stub = StreamsStub(channel)
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


async def latencies(node: Node) -> list[float]:
    """The time from sending an append to receiving it from a subscription, in ms, at LIVE_RATE appends per second."""
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
    with tempfile.TemporaryDirectory(prefix="esdbnode-bench-") as name:
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
