"""Live updates: one process follows the read models' changes once, and sends them to every open page.

    changes -> batch -> flush (at once; in a burst 5 times a second) -> a message for each topic -> each page's queue

A flush is rendered once and its bytes are shared. A topic remembers its last messages, so that a page that reconnects
gets what it missed. A page that missed more, or was too slow, gets its whole regions (`resync`).
"""

import asyncio
import logging
import time
from typing import Final

import msgspec

from projections.engine.changes import changes
from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable
from projections.readmodels import READ_MODELS
from web.http.formats import now
from web.http.rendering import BEAT_SECONDS
from web.live.batch import Batch
from web.live.memory import Memories
from web.live.places import Places
from web.live.regions import Regions
from web.live.sse_text import RESYNC, Message, payload
from web.live.waiting import Client
from web.messages import LIVE_UPDATES_RESTART, live_updates_wait
from web.status import STOPS, Beat, StatusReader
from web.tasks import end

FLUSH_SECONDS: Final = 0.2
ROW_SECONDS: Final = 0.004
"""Seconds that the next flush waits for each row of this one above FEW_ROWS, at most FLUSH_SECONDS: many rows are sent
together, and very many as whole regions."""
FEW_ROWS: Final = 16
"""The rows of a few commands. After these the next flush waits only for as long as this one took."""
PULSE_SECONDS: Final = 2.0
RESTART_SECONDS: Final = 1.0

_log: Final = logging.getLogger("daybook.live")


class Hub:
    def __init__(self, redis: Redis, regions: Regions, status: StatusReader, reload_id: str = "") -> None:
        self.regions = regions
        self._status = status
        self._redis = redis
        self._reload_id = reload_id
        self._clients = Places()
        self._memories = Memories()
        self._batch = Batch()
        self._something = asyncio.Event()
        self._may_read = asyncio.Event()
        """Not set in a burst, until the next flush is due: then all that came meanwhile is read together."""
        self._may_read.set()
        self._position = self._sent = 0
        """Rendered changes reach up to `_position`, sent ones up to `_sent`; both are 0 at first."""
        self._last: int | None = None
        self._state = "stale"
        self._draining = False

    async def run(self) -> None:
        """Runs until cancelled. After an unexpected error, which is logged, all pages get their whole regions."""
        while True:
            tasks = [asyncio.create_task(part()) for part in (self._tail, self._flush_all, self._pulse)]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    _log.error(LIVE_UPDATES_RESTART, exc_info=task.exception())
            finally:
                await end(tasks)
            self._all_behind()
            await asyncio.sleep(RESTART_SECONDS)

    def has_place_for(self, address: str) -> bool:
        return not self._draining and self._clients.has_one_for(address)

    def join(self, client: Client, seen: int | None) -> None:
        """Opens a page's connection, for which there is a place.

        `seen` is the last position that the page shows; None if it shows nothing yet.
        """
        if self._draining:
            client.close()
        memories = [self._memories.use(topic, self._position) for topic in sorted(client.topics)]
        client.behind = not (seen and self._sent) or any(seen < memory.since for memory in memories)
        self._clients.take(client)
        if client.behind or seen is None:
            self._something.set()
        elif missed := [found for memory in memories for found in memory.after(seen)]:
            messages = [message.data for _, message in sorted(missed, key=lambda found: found[0])]
            client.put(payload(messages, self._sent))
        client.beat(self._beat(), self._sent)

    async def known(self, seen: int | None) -> int | None:
        """`seen`, or None if the read models have never reached it."""
        if seen is None or seen <= self._position:
            return seen
        try:
            position = await self._status.position()
        except ReadModelUnavailable:
            return None
        return None if position is None or seen > position else seen

    def leave(self, client: Client) -> None:
        self._clients.leave(client)

    def drain(self) -> None:
        """End every page's stream: pages reconnect to the next process by themselves."""
        self._draining = True
        for client in list(self._clients):
            client.close()

    async def _tail(self) -> None:
        """The first change is a `resync` too: a page may not show what happened before it.

        In a burst, what happens while a flush waits is read together after that.
        """
        first = True
        async for change in changes(self._redis, READ_MODELS, None):
            self._batch.add(change.position, change.channels, resync=change.resync or first)
            self._last = change.recorded or self._last
            first = False
            self._something.set()
            await asyncio.sleep(0)  # the flush goes first: asking for the next changes takes 0.1 ms
            await self._may_read.wait()

    async def _flush_all(self) -> None:
        """The first change is sent at once; the more rows it had, the longer the next flush gathers changes."""
        while True:
            await self._something.wait()
            self._something.clear()
            pause = min(FLUSH_SECONDS, ROW_SECONDS * max(0, self._batch.rows - FEW_ROWS))
            if pause == FLUSH_SECONDS:
                self._may_read.clear()
            begun = time.perf_counter()
            try:
                await self._flush()
                await self._catch_up()
            except ReadModelUnavailable as error:
                _log.warning("%s", live_updates_wait(str(error)))
                self._all_behind()
                pause = FLUSH_SECONDS
            await asyncio.sleep(max(pause, time.perf_counter() - begun))
            self._may_read.set()

    async def _flush(self) -> None:
        batch, self._batch = self._batch, Batch()
        if batch.position is None:
            return
        # From here on a new topic starts after this batch, and a page that shows less than it is behind. No page gets
        # this position before it got the batch: one that is cut off in between comes back for it.
        self._position = position = batch.position
        if batch.resync or batch.concerns(STOPS, ""):
            self._status.forget()
        concerned = self.regions.concerned(batch, self._memories.topics)
        messages = {topic: await self.regions.of(topic, batch) for topic in concerned}
        self._memories.add(position, messages)
        self._sent = position
        self._deliver(messages, position, resync=batch.resync)

    def _deliver(self, messages: dict[str, Message], position: int, *, resync: bool) -> None:
        """Pages that show the same topics get the same bytes."""
        shared: dict[frozenset[str], bytes] = {}
        first = [self._beat(), RESYNC] if resync else [self._beat()]
        for client in self._clients:
            if client.topics not in shared:
                parts = [messages[topic].data for topic in sorted(client.topics) if topic in messages]
                shared[client.topics] = payload([*first, *parts], position) if parts else b""
            if shared[client.topics]:
                client.put(shared[client.topics])

    async def _catch_up(self) -> None:
        """Whole regions for the pages that missed something; each is read once for all of them."""
        behind = [client for client in self._clients if client.behind]
        topics = sorted({topic for client in behind for topic in client.topics})
        for topic in topics:
            self._memories.use(topic, self._position)  # so that the next flush continues from here
        position = self._sent
        whole = {topic: await self.regions.whole(topic) for topic in topics}
        for client in behind:
            messages = [whole[topic].data for topic in sorted(client.topics)]
            client.catch_up(payload([RESYNC, *messages], position))

    def _all_behind(self) -> None:
        self._memories.clear()
        for client in self._clients:
            client.behind = True

    async def _pulse(self) -> None:
        """Sends the state of the read models on every change, and regularly, so that pages know they are connected."""
        since = BEAT_SECONDS
        while True:
            since += PULSE_SECONDS
            before, self._state = self._state, await self._status.state(self._last)
            if self._state != before or since >= BEAT_SECONDS:
                since = 0.0
                self._beat_all()
            if self._state != before and {"rebuilding", "stale"} & {before, self._state}:
                self._all_behind()
            if any(client.behind for client in self._clients):
                self._something.set()
            shown = {topic for client in self._clients for topic in client.topics}
            self._memories.forget_idle(shown, self._position)
            await asyncio.sleep(PULSE_SECONDS)

    def _beat_all(self) -> None:
        beat = self._beat()
        for client in self._clients:
            client.beat(beat, self._sent)

    def _beat(self) -> bytes:
        beat = Beat(self._state, self._sent, self._last, now(), self._reload_id)
        return b"event: beat\ndata: %b\n" % msgspec.json.encode(beat)
