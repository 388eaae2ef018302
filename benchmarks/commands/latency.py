"""Steady commands while many pages are live: from sending a command until its bytes are at each page.

Daybook and the bare parts (bare.py) get the same commands by the same code, one after the other. The load and the pages
are in this process, the servers in processes of their own.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.commands.bare import bare
from benchmarks.commands.extent import Extent, progress
from benchmarks.commands.http import Connection, connect
from benchmarks.commands.rows import Row, ratio, row
from benchmarks.commands.screens import Screen, screens
from benchmarks.kit import daybook, percentile

CONNECTIONS: Final = 32
ACCOUNTS: Final = 100
WARM_UP: Final = 1
"""Seconds at the start of each run that do not count."""
DEADLINE: Final = 10.0


class Sent(NamedTuple):
    """A command: when it was sent and answered, and its commit position."""

    at: float
    answered: float
    position: int


class Figures(NamedTuple):
    """Milliseconds from sending to each page, of all commands and pages; `answer_p50` is to the answer.

    `message` is how many bytes a page is sent for a command.
    """

    p50: float
    p99: float
    answer_p50: float
    message: int


async def measured(extent: Extent) -> list[Row]:
    ours, parts = [], []
    with daybook() as running:
        first = await run(running.port, extent, seconds=WARM_UP)
        with bare(first.message) as port:
            for number in range(extent.runs):
                progress("latency", number, extent.runs)
                ours.append(await run(running.port, extent, extent.seconds))
                parts.append(await run(port, extent, extent.seconds))
    what = f"{extent.rate} commands/s, {extent.clients} live pages"
    return [
        row(f"{what}: command to page, p50", [each.p50 for each in ours], "ms"),
        row("the same, bare parts, p50", [each.p50 for each in parts], "ms"),
        ratio("Daybook to bare parts, p50", *both(ours, parts, "p50"), "at most 1.5"),
        row(f"{what}: command to page, p99", [each.p99 for each in ours], "ms"),
        row("the same, bare parts, p99", [each.p99 for each in parts], "ms"),
        ratio("Daybook to bare parts, p99", *both(ours, parts, "p99"), "at most 2"),
        row(f"{what}: command to answer, p50", [each.answer_p50 for each in ours], "ms"),
        row("the same, bare parts, to answer, p50", [each.answer_p50 for each in parts], "ms"),
    ]


def both(ours: Sequence[Figures], parts: Sequence[Figures], name: str) -> tuple[list[float], list[float]]:
    return [getattr(each, name) for each in ours], [getattr(each, name) for each in parts]


async def run(port: int, extent: Extent, seconds: int) -> Figures:
    async with screens(port, extent.clients) as pages:
        await send(port, extent.rate, WARM_UP)
        before = sum(page.bytes for page in pages)
        sent = await send(port, extent.rate, seconds)
        await until_shown(sent, pages)
        message = (sum(page.bytes for page in pages) - before) // (len(sent) * len(pages))
    shown = [1_000 * (at - each.at) for each in sent for page in pages if (at := page.when(each.position))]
    answers = [1_000 * (each.answered - each.at) for each in sent]
    return Figures(percentile(shown, 0.5), percentile(shown, 0.99), percentile(answers, 0.5), message)


async def send(port: int, rate: int, seconds: int) -> list[Sent]:
    """Each command at its time, whether or not earlier ones are answered: waiting for a connection counts too."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await connect(port))
    began = time.perf_counter()
    tasks = []
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(free, f"page{number % ACCOUNTS:04}")))
    sent = await asyncio.gather(*tasks)
    while not free.empty():
        await free.get_nowait().close()
    return sent


async def one(free: asyncio.Queue[Connection], account: str) -> Sent:
    at = time.perf_counter()
    connection = await free.get()
    position = await connection.deposit(account)
    free.put_nowait(connection)
    return Sent(at, time.perf_counter(), position)


async def until_shown(sent: Sequence[Sent], pages: Sequence[Screen]) -> None:
    last, end = max(each.position for each in sent), time.perf_counter() + DEADLINE
    while any(page.when(last) is None for page in pages):
        if time.perf_counter() > end:
            raise SystemExit("A page was not sent what was booked.")
        await asyncio.sleep(0.05)
