"""Whether the whole chain works, as the web process sees it: log, read models, projector, static files."""

import asyncio
import contextlib
import json
from typing import Final

from app.messages import running as messages
from app.processes.children import say

PATH: Final = "/health/ready"
ASK_EVERY: Final = 0.1
ANSWER_SECONDS: Final = 3.0
PATIENCE_SECONDS: Final = 10.0
"""Seconds after which the missing parts are printed."""


async def until_ready(host: str, port: int) -> None:
    """Asks until everything is ready; the caller decides how long it waits."""
    loop = asyncio.get_running_loop()
    say_at = loop.time() + PATIENCE_SECONDS
    while (status := await ask(host, port))[0] != 200:
        if loop.time() > say_at:
            say(messages.not_ready_yet(status[1]))
            say_at = loop.time() + PATIENCE_SECONDS
        await asyncio.sleep(ASK_EVERY)


async def ask(host: str, port: int) -> tuple[int, str]:
    """The HTTP status, and what is wrong with each part that is not ok; status 0 if there is no answer."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            head, _, body = (await _get(host, port)).partition(b"\r\n\r\n")
        parts: dict[str, str] = json.loads(body)["parts"]
        return int(head.split()[1]), "; ".join(
            f"{name}: {state}" for name, state in parts.items() if state != "ok"
        )
    except (OSError, ValueError, KeyError, IndexError) as error:
        return 0, messages.no_answer_from_web(type(error).__name__)


async def _get(host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        request = f"GET {PATH} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
