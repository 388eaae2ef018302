"""A server that sends what a test says, for what no real server can be made to send."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import hpack
from esdbclient.protos.Grpc import streams_pb2

from esdbnode.http2 import frames
from esdbnode.http2.frames import Frame, Setting
from esdbnode.http2.messages import Unpacker, pack
from eventstore import wire
from eventstore.append_call import AppendCall
from eventstore.connection import node_at
from eventstore.store import NO_STREAM
from tests.kit.logs import events

SECONDS = 10.0
"""Until a test gives up."""
LARGEST = 2**24


class Served:
    """One connection. `sent` by the client: the sizes of its DATA frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.sizes: list[int] = []
        self._unpacker = Unpacker(LARGEST, "identity")
        self._encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()

    async def greeted(self) -> None:
        async with asyncio.timeout(SECONDS):
            assert await self._reader.readexactly(len(frames.PREFACE)) == frames.PREFACE

    def send(self, *pieces: bytes) -> None:
        self.writer.write(b"".join(pieces))

    async def frame(self) -> Frame:
        """The next frame. Raises IncompleteReadError if the client has closed."""
        async with asyncio.timeout(SECONDS):
            head = await self._reader.readexactly(frames.HEAD_SIZE)
            payload = await self._reader.readexactly(int.from_bytes(head[:3], "big"))
        return head[3], head[4], int.from_bytes(head[5:], "big"), payload

    async def until(self, kind: int, flags: int = 0) -> Frame:
        while True:
            frame = await self.frame()
            if frame[0] == kind and frame[1] & flags == flags:
                return frame

    async def is_closed(self) -> bool:
        """Waits for it."""
        try:
            while True:
                await self.frame()
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return True

    async def requests(self, count: int) -> list[streams_pb2.BatchAppendReq]:
        found: list[bytes] = []
        while len(found) < count:
            payload = (await self.until(frames.DATA))[3]
            self.sizes.append(len(payload))
            found += self._unpacker.feed(payload)
        return [streams_pb2.BatchAppendReq.FromString(each) for each in found]

    async def fields(self) -> dict[str, str]:
        """Of the request."""
        block = (await self.until(frames.HEADERS))[3]
        return {str(name): str(value) for name, value in self._decoder.decode(block)}

    def block(self, fields: Iterable[tuple[str, str]]) -> bytes:
        return bytes(self._encoder.encode(fields))

    def begin(self) -> None:
        """The head of an answer."""
        block = self.block([(":status", "200"), ("content-type", "application/grpc")])
        self.send(frames.header_frames(1, block, 0, frames.DEFAULT_FRAME_SIZE))

    def trailers(self, *fields: tuple[str, str], size: int = frames.DEFAULT_FRAME_SIZE) -> bytes:
        """They end the stream. In frames of at most `size` bytes."""
        return frames.header_frames(1, self.block(fields), frames.END_STREAM, size)

    def end(self, *fields: tuple[str, str], size: int = frames.DEFAULT_FRAME_SIZE) -> None:
        self.send(self.trailers(*fields, size=size))


def data(*contents: bytes) -> bytes:
    return frames.frame(frames.DATA, 0, 1, b"".join(pack(contents)))


def answer(correlation: int, revision: int = 0) -> bytes:
    """That an append was recorded, as a message."""
    response = streams_pb2.BatchAppendResp()
    response.correlation_id.structured.least_significant_bits = correlation
    response.success.current_revision = revision
    return response.SerializeToString()


class Server:
    def __init__(self, settings: Mapping[Setting, int], *, greets: bool) -> None:
        self._settings, self._greets = settings, greets
        self._accepted: asyncio.Queue[Served] = asyncio.Queue()
        self.served: list[Served] = []
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = Served(reader, writer)
        self.served.append(served)
        if self._greets:
            served.send(frames.settings(self._settings))
        self._accepted.put_nowait(served)

    async def next(self) -> Served:
        async with asyncio.timeout(SECONDS):
            served = await self._accepted.get()
        await served.greeted()
        return served


@asynccontextmanager
async def start_server(
    settings: Mapping[Setting, int] | None = None, *, greets: bool = True, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server(settings or {}, greets=greets)
    listening = await asyncio.start_server(server.accept, "127.0.0.1", 0, limit=2**20, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for served in server.served:
            served.writer.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def calling(
    settings: Mapping[Setting, int] | None = None, patience: float = SECONDS
) -> AsyncIterator[tuple[AppendCall, Served]]:
    """Both sides of a call."""
    async with start_server(settings) as server:
        node = node_at(f"esdb://127.0.0.1:{server.port}?Tls=false", leader=True)
        call = AppendCall(node.target, patience)
        await call.open(node, SECONDS)
        yield call, await server.next()
        call.drop()
        await call.wait_closed()


def append(call: AppendCall, correlation: int = 1, size: int = 1, seconds: float = SECONDS) -> "Appending":
    """Begins to append an event with `size` bytes of metadata."""
    event = events(1)[0]
    event = event.__class__(event.id, event.type, event.data, b" " * size)
    request = wire.append_request(correlation, "account-1", [event], expected=NO_STREAM, seconds=seconds)
    until = asyncio.get_running_loop().time() + seconds
    return asyncio.create_task(call.append(correlation, request, until))


Appending = asyncio.Task[streams_pb2.BatchAppendResp]
