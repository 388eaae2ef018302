"""Measures the cost of some work for the node and its client, and reports it."""

import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psutil
from esdbclient import AsyncEventStoreDBClient, NewEvent
from esdbclient.protos.Grpc import streams_pb2_grpc

from esdbnode.testing import Node

RUNS = 5
StreamsStub: Any = streams_pb2_grpc.StreamsStub
"""A stub that gRPC generated without types."""
DATA = b'{"padding": "' + b"x" * 451 + b'"}'


def event() -> NewEvent:
    return NewEvent(type="Benchmarked", data=DATA)


@asynccontextmanager
async def connected(node: Node) -> AsyncIterator[AsyncEventStoreDBClient]:
    client = AsyncEventStoreDBClient(node.uri)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


class Cost:
    """The cost of some work: seconds, CPU seconds of the node and of this process."""

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


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, minimum and maximum of repeated runs."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def report(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """A table on stderr for people, a line of JSON on stdout. All rows have the same columns."""
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print(f"\n{name}", file=sys.stderr)
    for first, *others in table:
        cells = [
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
        ]
        print("  ".join(cells).rstrip(), file=sys.stderr)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(json.dumps({"benchmark": name, "at": stamp, "rows": rows}), flush=True)


def _cell(value: object) -> str:
    match value:
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
    return str(value)
