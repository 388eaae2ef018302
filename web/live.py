"""Live updates: one tail of the read models' changes per process, fanned out to every open page.

    changes -> batch -> flush (at once, in a burst 5 times a second) -> one message a topic -> each client's queue

A flush is rendered once and its bytes are shared. A topic remembers its last messages, so that a page that comes
back is told what it missed; one that missed more, or was too slow, gets its regions whole (`resync`).
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

import msgspec

from projections import queries
from projections.changes import changes
from projections.queries import ReadModelUnavailable, Redis
from web import views
from web.batch import Batch
from web.formats import TICKS_PER_SECOND
from web.ticks import now
from web.topics import Message, Topics
from web.waiting import Client, Memory

FLUSH_SECONDS: Final = 0.2
ROW_SECONDS: Final = 0.004
"""What follows a flush waits so long for each row told, at most FLUSH_SECONDS: some 250 rows a second are shown one
by one, more than that as whole regions."""
PULSE_SECONDS: Final = 2.0
BEAT_SECONDS: Final = 10.0
BEHIND_SECONDS: Final = 3.0
WARM_SECONDS: Final = 60.0
MOST_IDLE: Final = 256
"""Topics that nobody shows and that are rendered all the same, for so long."""
RESTART_SECONDS: Final = 1.0
MOST_CLIENTS: Final = 2_000

_log: Final = logging.getLogger("daybook.live")


class Beat(msgspec.Struct, frozen=True):
    """What a page's badge says. `last` is when the newest event was recorded, `now` the server's time: ticks."""

    state: str
    position: int
    last: int | None
    now: int


class Hub:
    def __init__(self, redis: Redis, topics: Topics) -> None:
        self._redis = redis
        self._topics = topics
        self._clients: set[Client] = set()
        self._memories: dict[str, Memory] = {}
        self._batch = Batch()
        self._something = asyncio.Event()
        self._position = self._told = 0
        """What is rendered goes up to `_position`, and all of it was told up to `_told`; 0 before anything is known."""
        self._last: int | None = None
        self._state = "stale"
        self._draining = False

    async def run(self) -> None:
        """Runs until cancelled. What nobody expected is logged; then all pages are read anew."""
        while True:
            tasks = [asyncio.create_task(part()) for part in (self._tail, self._flush_all, self._pulse)]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    _log.error("live updates start anew", exc_info=task.exception())
            finally:
                await _end(tasks)
            self._all_behind()
            await asyncio.sleep(RESTART_SECONDS)

    @property
    def is_full(self) -> bool:
        return self._draining or len(self._clients) >= MOST_CLIENTS

    def join(self, client: Client, seen: int | None) -> None:
        """`seen` is the last position that the page shows; None where it shows nothing."""
        memories = [self._memory(topic) for topic in sorted(client.topics)]
        client.behind = not (seen and self._told) or any(seen < memory.since for memory in memories)
        self._clients.add(client)
        if client.behind or seen is None:
            self._something.set()
        elif missed := [found for memory in memories for found in memory.after(seen)]:
            told = [message.data for _, message in sorted(missed, key=lambda found: found[0])]
            client.put(_payload(told, self._told))
        client.beat(self._beat_bytes(), self._told)

    async def known(self, seen: int | None) -> int | None:
        """`seen`, or None where the read models never came so far."""
        if seen is None or seen <= self._position:
            return seen
        try:
            position = await queries.position(self._redis)
        except ReadModelUnavailable:
            return None
        return None if position is None or seen > position else seen

    def leave(self, client: Client) -> None:
        self._clients.discard(client)

    def drain(self) -> None:
        """Let every page go: they come back to the next process by themselves."""
        self._draining = True
        for client in self._clients:
            client.close()

    def _memory(self, topic: str) -> Memory:
        memory = self._memories.get(topic)
        if memory is None:
            memory = self._memories[topic] = Memory(self._position)
        memory.used = asyncio.get_running_loop().time()
        return memory

    async def _tail(self) -> None:
        """Where Redis is away, `changes` waits for it and then says `resync`.

        What was shown before the first of them may lack what happened until it: so that is one as well.
        """
        first = True
        async for change in changes(self._redis, None):
            self._batch.add(msgspec.structs.replace(change, resync=True) if first else change)
            first = False
            if change.feed:
                self._last = change.feed[-1].booked
            self._something.set()

    async def _flush_all(self) -> None:
        """The leading edge goes out at once; the more it was, the longer the next one gathers."""
        while True:
            await self._something.wait()
            self._something.clear()
            pause = min(FLUSH_SECONDS, ROW_SECONDS * self._batch.rows)
            try:
                await self._flush()
                await self._catch_up()
            except ReadModelUnavailable as error:
                _log.warning("live updates wait: %s", error)
                self._all_behind()
                pause = FLUSH_SECONDS
            await asyncio.sleep(pause)

    async def _flush(self) -> None:
        batch, self._batch = self._batch, Batch()
        if batch.position is None:
            return
        # From here on a new topic starts after this batch, and a page that shows less than it is read anew. No page is
        # told this position before it was told the batch: one that is cut off in between comes back for it.
        self._position = position = batch.position
        messages = {}
        for topic in list(self._memories):
            message = await self._topics.of(topic, batch)
            if message is not None:
                messages[topic] = message
        for topic, message in messages.items():
            if memory := self._memories.get(topic):
                memory.add(position, message)
        self._told = position
        self._deliver(messages, position, resync=batch.resync)

    def _deliver(self, messages: dict[str, Message], position: int, *, resync: bool) -> None:
        """The same bytes to all who show the same topics."""
        shared: dict[frozenset[str], bytes] = {}
        first = [self._beat_bytes(), _RESYNC] if resync else [self._beat_bytes()]
        for client in self._clients:
            if client.topics not in shared:
                told = [messages[topic].data for topic in sorted(client.topics) if topic in messages]
                shared[client.topics] = _payload([*first, *told], position) if told else b""
            if shared[client.topics]:
                client.put(shared[client.topics])

    async def _catch_up(self) -> None:
        """Whole regions for those who missed something; read once for all of them."""
        behind = [client for client in self._clients if client.behind]
        topics = sorted({topic for client in behind for topic in client.topics})
        for topic in topics:
            self._memory(topic)  # so that the next flush goes on from here
        position = self._told
        whole = {topic: await self._topics.whole(topic) for topic in topics}
        for client in behind:
            told = [whole[topic].data for topic in sorted(client.topics)]
            client.catch_up(_payload([_RESYNC, *told], position))

    def _all_behind(self) -> None:
        self._memories.clear()
        for client in self._clients:
            client.behind = True

    async def _pulse(self) -> None:
        """Tells pages how the read side is: on every change, and regularly that they are still connected."""
        since = BEAT_SECONDS
        while True:
            since += PULSE_SECONDS
            before, self._state = self._state, await self._look()
            if self._state != before or since >= BEAT_SECONDS:
                since = 0.0
                self._tell()
            if self._state != before and {"rebuilding", "stale"} & {before, self._state}:
                self._all_behind()
            if any(client.behind for client in self._clients):
                self._something.set()
            self._forget()
            await asyncio.sleep(PULSE_SECONDS)

    def _tell(self) -> None:
        payload = self._beat_bytes()
        for client in self._clients:
            client.beat(payload, self._told)

    def _forget(self) -> None:
        """Topics that nobody shows are rendered for a while longer, for a page that comes back."""
        at = asyncio.get_running_loop().time()
        for client in self._clients:
            for topic in client.topics:
                self._memory(topic)
        idle = sorted((topic for topic in self._memories if self._memories[topic].used < at), key=self._used)
        for rank, topic in enumerate(reversed(idle)):
            if rank >= MOST_IDLE or at - self._used(topic) > WARM_SECONDS:
                del self._memories[topic]

    def _used(self, topic: str) -> float:
        return self._memories[topic].used

    async def _look(self) -> str:
        """live, behind (catching up), rebuilding (nothing to show yet) or stale (nobody keeps it current)."""
        try:
            status = await views.status(self._redis)
        except ReadModelUnavailable:
            return "stale"
        if not status.is_followed:
            return "stale"
        if status.position is None:
            return "rebuilding"
        lag = (now() - (self._last or now())) / TICKS_PER_SECOND
        return "behind" if status.is_catching_up and lag > BEHIND_SECONDS else "live"

    def _beat_bytes(self) -> bytes:
        beat = Beat(self._state, self._told, self._last, now())
        return b"event: beat\ndata: %b\n" % msgspec.json.encode(beat)


_RESYNC: Final = b"event: resync\ndata: 1\n"


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Before Python 3.12 `wait_for`, by which redis-py reads, may lose a cancellation: it is repeated."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)


def _payload(told: list[bytes], position: int) -> bytes:
    """Messages end with an empty line; the last one carries the id, so that a cut before it repeats them all."""
    return b"\n".join(told) + b"id: %d\n\n" % position
