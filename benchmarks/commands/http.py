"""Deposits over HTTP from an event loop, on connections that stay open."""

import asyncio
import json
from typing import Final
from uuid import uuid4

BODY: Final = json.dumps({"amount": "12.50", "note": "load"}).encode()


class Connection:
    """Takes one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def deposit(self, account: str) -> int:
        """Its commit position. SystemExit if it is refused."""
        self._writer.write(
            b"POST /api/accounts/%s/deposits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (account.encode(), str(uuid4()).encode(), len(BODY), BODY)
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        answer = await self._reader.readexactly(length)
        if b" 201 " not in head.split(b"\r\n", 1)[0]:
            raise SystemExit(f"A deposit was refused: {answer.decode()}")
        return int(json.loads(answer)["position"])

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def connect(port: int) -> Connection:
    return Connection(*await asyncio.open_connection("127.0.0.1", port))
