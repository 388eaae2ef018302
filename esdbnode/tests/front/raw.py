"""A client that sends hand-made frames, which no library would send."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

import hpack

from esdbnode.http2 import frames
from esdbnode.http2.frames import ErrorCode, Frame, Setting
from esdbnode.http2.messages import pack

DEADLINE = 10.0
REQUEST = (
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/test.Test/Echo"),
    (":authority", "localhost"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
)


def grpc_body(*messages: bytes) -> bytes:
    return b"".join(pack(messages))


def fields(path: str, extra: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    return [(name, path if name == ":path" else value) for name, value in REQUEST] + list(extra)


def number(value: int) -> bytes:
    return struct.pack(">L", value)


def size_of_data(seen: list[Frame], stream_id: int | None = None) -> int:
    return sum(len(body) for kind, _, on, body in seen if kind == frames.DATA and stream_id in (None, on))


class Raw:
    """Every read has a deadline. `heads` decodes header blocks in the order they came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()

    def send(self, *pieces: bytes) -> None:
        self.writer.write(b"".join(pieces))

    def stop_reading(self) -> None:
        cast(asyncio.ReadTransport, self.writer.transport).pause_reading()

    def read_on(self) -> None:
        cast(asyncio.ReadTransport, self.writer.transport).resume_reading()

    def greet(self, settings: Mapping[Setting, int] | None = None) -> None:
        self.send(frames.PREFACE, frames.settings(settings or {}))

    def block(self, headers: Sequence[tuple[str, str]]) -> bytes:
        return bytes(self.encoder.encode(headers))

    def request(
        self, stream_id: int, name: str, extra: Iterable[tuple[str, str]] = (), flags: int = 0
    ) -> bytes:
        block = self.block(fields(f"/test.Test/{name}", extra))
        return frames.header_frames(stream_id, block, flags, frames.DEFAULT_FRAME_SIZE)

    def call(self, stream_id: int, name: str, *messages: bytes) -> None:
        """A complete request."""
        body, step = grpc_body(*messages), frames.DEFAULT_FRAME_SIZE
        pieces = [
            frames.frame(frames.DATA, 0, stream_id, body[at : at + step]) for at in range(0, len(body), step)
        ]
        end = frames.frame(frames.DATA, frames.END_STREAM, stream_id)
        self.send(self.request(stream_id, name), *pieces, end)

    async def frame(self) -> Frame:
        """The next frame; raises IncompleteReadError if the server has closed."""
        async with asyncio.timeout(DEADLINE):
            head = await self._reader.readexactly(frames.HEAD_SIZE)
            payload = await self._reader.readexactly(int.from_bytes(head[:3], "big"))
        return head[3], head[4], int.from_bytes(head[5:], "big"), payload

    async def until(self, kind: int, stream_id: int | None = None) -> Frame:
        while True:
            frame = await self.frame()
            if frame[0] == kind and stream_id in (None, frame[2]):
                return frame

    async def rest(self) -> list[Frame]:
        """All frames until the server closes."""
        seen = []
        try:
            while True:
                seen.append(await self.frame())
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return seen

    async def dropped(self) -> ErrorCode:
        """The code of the GOAWAY before the server closes."""
        codes = [frame[3][4:8] for frame in await self.rest() if frame[0] == frames.GOAWAY]
        return ErrorCode(int.from_bytes(codes[-1], "big"))

    async def reset(self, stream_id: int) -> ErrorCode:
        frame = await self.until(frames.RST_STREAM, stream_id)
        return ErrorCode(int.from_bytes(frame[3], "big"))

    async def before_ping(self) -> list[Frame]:
        """The server's frames before its answer to a ping: all that it sends by itself at this time."""
        self.send(frames.frame(frames.PING, 0, 0, b"whatelse"))
        seen = []
        while (frame := await self.frame())[:2] != (frames.PING, frames.ACK):
            seen.append(frame)
        return seen

    def heads(self, payload: bytes) -> dict[str, str]:
        return {str(name): str(value) for name, value in self._decoder.decode(payload)}

    async def answer(self, stream_id: int) -> tuple[dict[str, str], bytes]:
        """All headers, including trailers, and all data of one stream, to its end."""
        headers: dict[str, str] = {}
        data = b""
        while True:
            kind, flags, on, payload = await self.frame()
            if kind == frames.HEADERS:
                decoded = self.heads(payload)
                if on == stream_id:
                    headers |= decoded
            elif kind == frames.DATA and on == stream_id:
                data += payload
            if on == stream_id and kind in (frames.HEADERS, frames.DATA) and flags & frames.END_STREAM:
                return headers, data


@asynccontextmanager
async def raw(
    port: int, settings: Mapping[Setting, int] | None = None, greet: bool = True
) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    client = Raw(reader, writer)
    if greet:
        client.greet(settings)
    try:
        yield client
    finally:
        writer.transport.abort()
