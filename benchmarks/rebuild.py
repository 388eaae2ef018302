"""Rebuilding the read models from the embedded node: events per second, compared with only reading the log.

    python -m benchmarks.rebuild [EVENTS [ACCOUNTS]]

Both are measured alternately over the same log; the results are medians of RUNS. The table also has the CPU time of the
rebuilding process and the memory of Valkey. Every rebuild after the first is proven against the previous one.
"""

import asyncio
import sys
import time
from collections import defaultdict
from typing import Any
from uuid import UUID

from benchmarks.kit import report, spread
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import NewEvent, Recorded
from projections.audit import audit_generation
from projections.engine.clients import writer
from projections.engine.rebuild import rebuild
from projections.readmodels import NAMES, PREFIXES, READ_MODELS
from tests.kit.journal import Journal, traffic
from tests.kit.node import start_node
from tests.kit.valkey import valkey

RUNS = 5
EVENTS, ACCOUNTS = 200_000, 5_000
AN_APPEND = 500
IN_FLIGHT = 32


def main(events: int = EVENTS, accounts: int = ACCOUNTS) -> None:
    with start_node() as node, valkey() as server, writer(server.url) as client:
        asyncio.run(fill(node.uri, events, accounts))
        log = EsdbLog(node.uri)
        reads, rebuilds, cpu, proofs, differences = [], [], [], [], 0
        empty = client.info("memory")["used_memory"]
        for run in range(RUNS):
            reads.append(read(log))
            before = time.process_time()
            reports = rebuild(log, client, READ_MODELS, audit_generation)
            cpu.append((time.process_time() - before) * 1e6 / reports[0].events)
            rebuilds.append(reports[0].events_per_s)
            proofs.append(sum(each.proof_seconds for each in reports))
            differences += sum(each.differences for each in reports)
            if run == 0:
                held = (client.info("memory")["used_memory"] - empty) / reports[0].events
        log.close()
    rows: list[dict[str, Any]] = [
        {"what": "rebuild, events/s (target 60,000)", **spread(rebuilds)},
        {"what": "only reading, events/s", **spread(reads)},
        {"what": "CPU of the rebuilding process, us per event, with proof", **spread(cpu)},
        {"what": "proof of all three, s", **spread(proofs[1:])},
        {"what": "Valkey, bytes per event (target 150)", **spread([held])},
        {"what": "differences found", **spread([float(differences)])},
    ]
    report(f"rebuild of {', '.join(NAMES)}: {events:,} events, {accounts:,} accounts, {RUNS} runs", rows)


async def fill(uri: str, events: int, accounts: int) -> None:
    store = EsdbStore(uri)
    turns = asyncio.Semaphore(IN_FLIGHT)

    async def append(stream: str, recorded: list[Recorded]) -> None:
        async with turns:
            for start in range(0, len(recorded), AN_APPEND):
                part = recorded[start : start + AN_APPEND]
                new = [NewEvent(UUID(each.event_id), each.type, each.data, each.metadata) for each in part]
                await store.append(stream, new, expected=start - 1)

    journal = Journal()
    traffic(journal, events, accounts=accounts)
    streams: defaultdict[str, list[Recorded]] = defaultdict(list)
    for each in journal.all:
        streams[each.stream].append(each)
    await asyncio.gather(*(append(stream, recorded) for stream, recorded in streams.items()))
    await store.close()


def read(log: EsdbLog) -> float:
    """Events per second."""
    started = time.perf_counter()
    count = sum(type(message) is Recorded for message in log.read(prefixes=PREFIXES, after=None))
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
