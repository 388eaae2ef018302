"""Latency from a command to every screen: deposits over HTTP, one at a time, until their bytes reach SSE clients.

Measured from sending the request and from its acceptance (the 201), for every client. A message that comes before the
201 counts as 0.
"""

import asyncio
import json
import time
from uuid import uuid4

from benchmarks.kit import Daybook, daybook, percentile, report

CLIENTS = 20
COMMANDS = 300
PAUSE = 0.02
DEADLINE = 10.0


class Screen:
    """One SSE client: `seen[position]` is the time at which the bytes of that commit position came."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self.changed = asyncio.Event()

    async def watch(self, port: int, ready: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        writer.write(b"GET /live?topics=accounts,feed,totals HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        try:
            async for line in reader:
                now = time.perf_counter()
                if line.startswith(b"HTTP/1.1 200"):
                    ready.set()
                if line.startswith(b"id:"):
                    self.seen.setdefault(int(line[3:].split(b"-")[0]), now)
                    self.changed.set()
        finally:
            writer.close()

    async def when(self, position: int) -> float:
        while True:
            late = [at for seen, at in self.seen.items() if seen >= position]
            if late:
                return min(late)
            self.changed.clear()
            await self.changed.wait()


async def _deposit(port: int, account: str) -> tuple[float, float, int]:
    """Times at which a command was sent and accepted, and its position."""
    body = json.dumps({"amount": "1.00", "note": "bench"}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/accounts/{account}/deposits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid4()}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    sent = time.perf_counter()
    writer.write(head.encode() + body)
    status = await reader.readline()
    accepted = time.perf_counter()
    answer = await reader.read()
    writer.close()
    if b" 201 " not in status:
        raise SystemExit(f"A deposit was refused: {status!r} {answer!r}")
    return sent, accepted, int(json.loads(answer[answer.index(b"{") : answer.rindex(b"}") + 1])["position"])


async def _measure(running: Daybook) -> None:
    screens = [Screen() for _ in range(CLIENTS)]
    ready = [asyncio.Event() for _ in screens]
    watching = [
        asyncio.create_task(screen.watch(running.port, opened))
        for screen, opened in zip(screens, ready, strict=True)
    ]
    await asyncio.gather(*(opened.wait() for opened in ready))
    from_sent, from_accepted, requests = [], [], []
    for number in range(COMMANDS):
        sent, accepted, position = await _deposit(running.port, f"bench-{number % 10}")
        times = await asyncio.wait_for(
            asyncio.gather(*(screen.when(position) for screen in screens)), DEADLINE
        )
        requests.append(1000 * (accepted - sent))
        from_sent += [1000 * (at - sent) for at in times]
        from_accepted += [max(0.0, 1000 * (at - accepted)) for at in times]
        await asyncio.sleep(PAUSE)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    measured = {
        "request": requests,
        "sent to screen": from_sent,
        "accepted to screen (target p50 20)": from_accepted,
    }
    report(
        f"live, {CLIENTS} clients, {COMMANDS} deposits",
        [
            {
                "what": f"{what}, ms",
                "p50": percentile(values, 0.5),
                "p95": percentile(values, 0.95),
                "p99": percentile(values, 0.99),
                "most": max(values),
            }
            for what, values in measured.items()
        ],
    )


def main() -> None:
    with daybook() as running:
        asyncio.run(_measure(running))


if __name__ == "__main__":
    main()
