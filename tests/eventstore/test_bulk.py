"""The shortcut for long reads. Whatever happens on it, the answer of a read is the same."""

import itertools
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
import pytest_asyncio
from esdbclient.protos.Grpc import streams_pb2
from hypothesis import given
from hypothesis import strategies as st

from app.processes.addresses import servers
from app.settings import Settings
from eventstore import bulk, wire
from eventstore.connection import Node as Address
from eventstore.connection import node_at, socket_of
from eventstore.esdb import EsdbStore
from eventstore.store import NO_STREAM, Recorded
from tests.kit.logs import events
from tests.kit.node import Node

MANY = 3_500


def response(revision: int) -> bytes:
    """As a server sends it, in a gRPC message."""
    read = streams_pb2.ReadResp()
    event = read.event.event
    event.stream_revision = revision
    event.stream_identifier.stream_name = b"s"
    event.data = b"x" * (revision % 7)
    event.metadata["type"], event.metadata["created"] = "t", "1"
    content = read.SerializeToString()
    return b"\0" + len(content).to_bytes(4, "big") + content


@given(st.integers(0, 30), st.lists(st.integers(0, 3_000)))
def test_events_are_the_same_wherever_their_bytes_are_cut(count: int, cuts: list[int]) -> None:
    content = b"".join(response(revision) for revision in range(count))
    edges = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    found, rest = list[Recorded](), b""
    for start, end in itertools.pairwise(edges):
        page, rest = bulk.split(rest + content[start:end])
        found += page
    assert [each.revision for each in found] == list(range(count))
    assert rest == b""


@pytest.mark.parametrize("content", [b"\1\0\0\0\0", b"\0\0\0\0\1\xff"])
def test_a_message_that_cannot_be_read_is_an_error_of_the_connection(content: bytes) -> None:
    with pytest.raises(OSError):  # noqa: PT011  which one does not matter
        bulk.split(content)


@contextmanager
def server(sent: bytes, *, closes: bool) -> Iterator[Address]:
    """Answers the first connection with `sent`, then closes it or says nothing more."""
    ended = threading.Event()

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(sent)
            if not closes:
                ended.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield node_at(f"esdb://127.0.0.1:{listener.getsockname()[1]}?Tls=false", leader=False)
        finally:
            ended.set()
            thread.join(10)


GOAWAY = b"\0\0\x08\x07\0" + bytes(12)
PADDED = b"\0\0\x01\0\x08\0\0\0\x01\0"


@pytest.mark.parametrize(
    ("sent", "closes"), [(b"", True), (b"", False), (GOAWAY, False), (PADDED, False), (b"HTTP/1.1 400", True)]
)
def test_a_server_that_sends_anything_else_is_an_error_of_the_connection(sent: bytes, closes: bool) -> None:
    with server(sent, closes=closes) as address, pytest.raises(OSError):  # noqa: PT011
        list(bulk.pages(address, wire.stream_request("s", start=0, limit=9, backwards=False), 0.2))


# On a real node.


@pytest_asyncio.fixture(loop_scope="session")
async def store(node: Node) -> AsyncIterator[EsdbStore]:
    made = EsdbStore(node.uri)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stream(store: EsdbStore) -> str:
    """A long stream."""
    name = f"t-{uuid4().hex}"
    await store.append(name, events(MANY), expected=NO_STREAM)
    return name


@pytest.mark.asyncio(loop_scope="session")
async def test_a_long_read_gives_what_many_short_ones_give(store: EsdbStore, stream: str) -> None:
    short = [
        each
        for start in range(0, MANY, 500)
        for each in await store.read_stream(stream, start=start, limit=500)
    ]
    assert await store.read_stream(stream) == short
    assert await store.read_stream(stream, start=700) == short[700:]


@pytest.mark.asyncio(loop_scope="session")
async def test_the_shortcut_and_ordinary_calls_use_the_socket_of_the_embedded_node(tmp_path: Path) -> None:
    with servers(Settings(data=tmp_path, redis_url="redis://127.0.0.1:1")) as found:
        address = node_at(found.esdb_uri, leader=False)
        assert socket_of(address.target) is not None
        embedded = EsdbStore(found.esdb_uri)
        await embedded.append("s", events(MANY), expected=NO_STREAM)
        request = wire.stream_request("s", start=0, limit=MANY, backwards=False)
        read = [each for page in bulk.pages(address, request, 5.0) for each in page]
        assert len(read) == MANY
        assert await embedded.read_stream("s") == read
        await embedded.close()


def test_a_socket_that_is_not_there_is_an_error_of_the_connection(tmp_path: Path) -> None:
    address = node_at(f"esdb://unix:{quote(str(tmp_path / 's'), safe='')}?Tls=false", leader=False)
    with pytest.raises(OSError):  # noqa: PT011
        list(bulk.pages(address, wire.stream_request("s", start=0, limit=9, backwards=False), 0.2))


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("unix:%2Fvar%2Fa%20b%2Fs", "/var/a b/s"),
        ("unix:/var/s", "/var/s"),
        ("127.0.0.1:2113", None),
        ("unix.example:2113", None),
    ],
)
def test_a_target_is_a_socket_or_a_host(target: str, path: str | None) -> None:
    assert socket_of(target) == path


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("given", [0, 1, 700])
async def test_a_read_is_complete_although_the_shortcut_breaks(
    store: EsdbStore, stream: str, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await store.read_stream(stream)

    def breaking(*asked: object) -> Iterator[list[Recorded]]:
        yield whole[1_000 : 1_000 + given]
        raise ConnectionResetError

    monkeypatch.setattr(bulk, "pages", breaking)
    assert await store.read_stream(stream) == whole
