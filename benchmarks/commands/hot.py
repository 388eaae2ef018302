"""Many writers on one account: how much it takes, and whether each writer gets its share."""

import asyncio
import time
from typing import Final, NamedTuple

from benchmarks.commands.extent import Extent, progress
from benchmarks.commands.http import connect
from benchmarks.commands.rows import Row, row
from benchmarks.kit import daybook

WRITERS: Final = 64


class Written(NamedTuple):
    """By one writer; `slowest` is the longest that an answer took, in seconds."""

    deposits: int
    slowest: float


async def measured(extent: Extent) -> list[Row]:
    with daybook() as running:
        await write(running.port, "hot", 0.0)
        runs = []
        for run in range(extent.runs):
            progress("hot account", run, extent.runs)
            runs.append(await written(running.port, extent.seconds))
    counts = [[writer.deposits / extent.seconds for writer in run] for run in runs]
    slowest = [1_000 * max(writer.slowest for writer in run) for run in runs]
    return [
        row(
            f"deposits on one account, {WRITERS} writers", [sum(run) for run in counts], "1/s", "at least 500"
        ),
        row("of these by the slowest writer", [min(run) for run in counts], "1/s"),
        row("of these by the fastest writer", [max(run) for run in counts], "1/s"),
        row("the slowest answer", slowest, "ms"),
    ]


async def written(port: int, seconds: float) -> list[Written]:
    return await asyncio.gather(*(write(port, "hot", seconds) for _ in range(WRITERS)))


async def write(port: int, account: str, seconds: float) -> Written:
    """Deposits one after the other, at least one."""
    connection = await connect(port)
    end = time.perf_counter() + seconds
    count, slowest, now = 0, 0.0, 0.0
    while now < end:
        sent = time.perf_counter()
        await connection.deposit(account)
        now = time.perf_counter()
        count, slowest = count + 1, max(slowest, now - sent)
    await connection.close()
    return Written(count, slowest)
