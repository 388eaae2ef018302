"""A wire between a client and a server that can be cut, in one direction or in both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Proxy:
    """`alter` is applied to what the server sends, `alter_requests` to what the client sends."""

    def __init__(
        self, port: int, alter: Callable[[bytes], bytes], alter_requests: Callable[[bytes], bytes] = bytes
    ) -> None:
        self._to, self._alter, self._alter_requests = port, alter, alter_requests
        self._writers: set[asyncio.StreamWriter] = set()
        self._muted: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.swallow_replies = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, to_server}
        await asyncio.gather(
            self._pump(reader, to_server, replies=False), self._pump(from_server, writer, replies=True)
        )

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, replies: bool) -> None:
        try:
            while data := await source.read(65536):
                if not (replies and (self.swallow_replies or to in self._muted)):
                    to.write(self._alter(data) if replies else self._alter_requests(data))
                    await to.drain()
        except OSError:
            pass
        finally:
            to.close()

    def mute(self) -> None:
        """Existing connections never get a reply again; new ones work."""
        self._muted |= self._writers

    def cut(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()


@asynccontextmanager
async def proxy_to(
    port: int, alter: Callable[[bytes], bytes] = bytes, alter_requests: Callable[[bytes], bytes] = bytes
) -> AsyncIterator[Proxy]:
    proxy = Proxy(port, alter, alter_requests)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
        await asyncio.sleep(0.05)
