"""The bare parts of a live command: HTTP, a durable append, a small script in Valkey, bytes to each page.

    python -m benchmarks.commands.bare ESDB_URI REDIS_URL BYTES PORT

It decides nothing, renders nothing and checks nothing; each page is sent BYTES for each command.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import uvloop
from redis.asyncio import Redis

from app.processes import valkey
from benchmarks.kit import child, free_port
from eventstore.esdb import EsdbStore
from eventstore.store import NO_STREAM, NewEvent

READY: Final = "Bare parts are up"
SCRIPT: Final = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XADD', KEYS[2], 'MAXLEN', '~', 1000, '*', 'position', ARGV[2])
"""
ANSWER: Final = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s"
PAGE: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n"


@contextmanager
def bare(message: int) -> Iterator[int]:
    """Its port. It has a node and a Valkey of its own, started as Daybook starts them."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        log, kept = Path(folder, "node.socket"), Path(folder, "valkey.socket")
        node = [sys.executable, "-P", "-m", "esdbnode", "--socket", str(log), "--data", f"{folder}/log"]
        server = valkey.command(valkey.find_server(), kept, Path(folder))
        uris = [f"esdb://unix:{quote(str(log), safe='')}?Tls=false", f"unix://{quote(str(kept))}"]
        port = free_port()
        argv = [sys.executable, "-P", "-m", "benchmarks.commands.bare", *uris, str(message), str(port)]
        with child(node, "Node is up"), child(server, valkey.READY), child(argv, READY):
            yield port


class Bare:
    def __init__(self, store: EsdbStore, client: Redis, message: int) -> None:
        self._store, self._script = store, client.register_script(SCRIPT)
        self._padding = b"data: " + b"x" * max(0, message - 40)
        self._pages: set[asyncio.StreamWriter] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET"):
                await self._watch(reader, writer)
            else:
                await self._take(reader, writer, head)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._pages.discard(writer)
            writer.close()

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(PAGE)
        self._pages.add(writer)
        await reader.read()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        """The commands of a connection come one after the other, so they are one stream."""
        stream, revision = f"bare-{uuid4()}", NO_STREAM
        while True:
            length = int(head.split(b"Content-Length:", 1)[1].split(b"\r\n", 1)[0])
            event = NewEvent(uuid4(), "Deposited", await reader.readexactly(length), b"{}")
            revision, position = await self._append(stream, event, revision)
            body = b'{"position": %d}' % position
            writer.write(ANSWER % (len(body), body))
            await self._script(keys=["rows", "changes"], args=[stream, position])
            self._show(position)
            head = await reader.readuntil(b"\r\n\r\n")

    async def _append(self, stream: str, event: NewEvent, expected: int) -> tuple[int, int]:
        appended = await self._store.append(stream, [event], expected=expected)
        return appended.revision, appended.position

    def _show(self, position: int) -> None:
        message = b"%s\nid: %d\n\n" % (self._padding, position)
        for page in self._pages:
            page.write(message)


async def main(esdb_uri: str, redis_url: str, message: int, port: int) -> None:
    store, client = EsdbStore(esdb_uri), Redis.from_url(redis_url)
    server = await asyncio.start_server(Bare(store, client, message).connected, "127.0.0.1", port)
    print(READY, flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uri, url, size, on = sys.argv[1:]
    uvloop.run(main(uri, url, int(size), int(on)))
