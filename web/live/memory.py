"""The last messages of each topic, for pages that reconnect. Bounded."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable
from typing import Final

from web.live.sse_text import Message

REMEMBERED: Final = 64
WARM_SECONDS: Final = 60.0
MOST_IDLE: Final = 256
"""How many topics that no page shows are still rendered, for WARM_SECONDS."""


class Memory:
    """The last messages of one topic: everything after position `since`."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.used = _now()
        self._messages: deque[tuple[int, Message]] = deque()

    def add(self, position: int, message: Message) -> None:
        if message.whole:
            self._messages.clear()
        self._messages.append((position, message))
        if len(self._messages) > REMEMBERED:
            self.since = self._messages.popleft()[0]

    def after(self, position: int) -> list[tuple[int, Message]]:
        return [(at, message) for at, message in self._messages if at > position]


class Memories:
    """By topic."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}

    @property
    def topics(self) -> Collection[str]:
        return self._memories.keys()

    def use(self, topic: str, position: int) -> Memory:
        """The topic's memory; a new one starts after `position`."""
        memory = self._memories.get(topic)
        if memory is None:
            memory = self._memories[topic] = Memory(position)
        memory.used = _now()
        return memory

    def add(self, position: int, messages: dict[str, Message]) -> None:
        """Does nothing if the topic is no longer remembered."""
        for topic, message in messages.items():
            if memory := self._memories.get(topic):
                memory.add(position, message)

    def forget_idle(self, shown: Iterable[str], position: int) -> None:
        """Topics that no page shows are kept for a while, for a page that reconnects."""
        at = _now()
        for topic in shown:
            self.use(topic, position)
        idle = sorted((memory.used, topic) for topic, memory in self._memories.items() if memory.used < at)
        for rank, (used, topic) in enumerate(reversed(idle)):
            if rank >= MOST_IDLE or at - used > WARM_SECONDS:
                del self._memories[topic]

    def clear(self) -> None:
        self._memories.clear()


def _now() -> float:
    return asyncio.get_running_loop().time()
