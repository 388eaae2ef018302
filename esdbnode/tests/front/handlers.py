"""Small handlers, and a server for them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from esdbnode.call import Call, Handler, RpcError, Status
from esdbnode.http2 import Limits, Server, serve

BLOCK = bytes(range(256)) * 2


async def echo(call: Call) -> None:
    async for message in call.messages():
        await call.send([message])


async def total(call: Call) -> None:
    """Client streaming: how many messages, how many bytes."""
    sizes = [len(message) async for message in call.messages()]
    await call.send([f"{len(sizes)} {sum(sizes)}".encode()])


async def count(call: Call) -> None:
    """Server streaming: the requested number of numbered blocks, in batches of 100."""
    async for message in call.messages():
        wanted = int(message)
        for start in range(0, wanted, 100):
            await call.send([b"%d " % at + BLOCK for at in range(start, min(start + 100, wanted))])


async def first(call: Call) -> None:
    """Answers the first message and ends, whatever the client still sends."""
    async for message in call.messages():
        await call.send([message])
        return


async def refuse(_call: Call) -> None:
    trailers = (("exception", "wrong-expected-version"), ("stream-name", "ü"), ("raw-bin", b"\x00\xff"))
    raise RpcError(Status.FAILED_PRECONDITION, "100 % zu spät", trailers)


async def refuse_late(call: Call) -> None:
    await call.send([b"one", b"two"])
    raise RpcError(Status.ABORTED, "after two")


async def crash(_call: Call) -> None:
    raise ValueError("secret")


async def nothing(call: Call) -> None:
    async for _ in call.messages():
        pass


async def metadata(call: Call) -> None:
    await call.send([f"{name}={value}".encode() for name, value in call.metadata.items()])


class Gate:
    """A handler that reports its start and its cancellation, and waits until it is released.

    `idle` is set when the last call of it has ended.
    """

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.idle = asyncio.Event()
        self.running = 0

    async def __call__(self, call: Call) -> None:
        self.running += 1
        self.begun.set()
        self.idle.clear()
        try:
            await self.open.wait()
            await total(call)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        finally:
            self.running -= 1
            if not self.running:
                self.idle.set()


ROUTES: Mapping[str, Handler] = {
    f"/test.Test/{name}": handler
    for name, handler in {
        "Echo": echo,
        "Total": total,
        "Count": count,
        "First": first,
        "Refuse": refuse,
        "RefuseLate": refuse_late,
        "Crash": crash,
        "Nothing": nothing,
        "Metadata": metadata,
    }.items()
}


@asynccontextmanager
async def serving(limits: Limits | None = None, **more: Handler) -> AsyncIterator[Server]:
    """A server for ROUTES and `more`; afterwards none of its tasks is left."""
    before = asyncio.all_tasks()
    routes = {**ROUTES, **{f"/test.Test/{name}": handler for name, handler in more.items()}}
    server = await serve(routes, ("127.0.0.1", 0), limits=limits)
    try:
        yield server
    finally:
        await server.close(grace=0)
    left = {task for task in asyncio.all_tasks() - before if "esdbnode" in repr(task)}
    assert not left
