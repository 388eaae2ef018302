"""Keeps the names of this process as the read model has them, and forgets those whose keys were destroyed.

    read model `people` -> sealed names -> (keys) -> index

Names are opened in threads, because the calls of the key store block; keys are not kept. Whoever asks gets an answer
that is known to be true, or a refusal: while names are read, while the read model is away, and while the key store does
not say who was deleted.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from eventstore.personal.keys import KeyStore, KeyStoreError, KeysUnavailable
from eventstore.personal.sealing import Unsealable, open_sealed
from projections.engine.changes import Changes, changes
from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable
from projections.readmodels import people
from web import messages_on_people as messages
from web.directory.index import Index
from web.http.problems import NamesUnavailable
from web.tasks import end

POLL_SECONDS: Final = 0.5
"""How often the key store is asked whose keys were destroyed."""
PATIENCE: Final = 3.0
"""Seconds without an answer of the key store after which names are not shown any more."""
PAUSE_SECONDS: Final = 0.05
"""Between two looks at the read model, after one without names."""
RESTART_SECONDS: Final = 1.0
READING_SECONDS: Final = 1.0
"""How long a search waits while names are read."""

_log: Final = logging.getLogger("daybook.directory")
_name_of: Final = msgspec.msgpack.Decoder(str | None).decode


class Directory:
    """`run` keeps it up to date until it is cancelled."""

    def __init__(self, redis: Redis, keys: KeyStore) -> None:
        self._redis, self._keys = redis, keys
        self._index = Index()
        self._position: int | None = None
        """The names are those of the read model at this position; None: they are being read."""
        self._moved = asyncio.Event()
        self.destroyed: set[str] = set()
        """Whose keys were destroyed, as far as it is known."""
        self._sequence = 0
        self._heard: float | None = None
        """When the key store last said whose keys were destroyed."""

    def __len__(self) -> int:
        return len(self._index)

    async def run(self) -> None:
        """After an unexpected error, which is logged, all names are read again."""
        while True:
            tasks = [asyncio.create_task(part()) for part in (self._follow, self._forget)]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    _log.error(messages.DIRECTORY_RESTARTS, exc_info=task.exception())
            finally:
                await end(tasks)
            self._position = None
            await asyncio.sleep(RESTART_SECONDS)

    async def search(self, text: str, limit: int) -> list[str]:
        """User ids, see `Index.search`. Waits a moment while names are read, for example after a start.

        Raises NamesUnavailable, KeysUnavailable, ReadModelUnavailable.
        """
        await self._can_answer()
        return self._index.search(text, limit)

    async def search_all(self, text: str) -> list[str]:
        """As `search`, but everybody. Other tasks run meanwhile."""
        await self._can_answer()
        found: dict[str, None] = {}
        for part in self._index.search_all(text):
            found |= dict.fromkeys(part)
            await asyncio.sleep(0)
        return list(found)

    async def _can_answer(self) -> None:
        await self.reached(0, READING_SECONDS)
        self._check()
        await people.check(self._redis)
        self._check()

    def name_of(self, user_id: str) -> str | None:
        """None: nobody has this id, or names cannot be shown at the moment."""
        try:
            self._check()
        except (NamesUnavailable, KeysUnavailable):
            return None
        return self._index.name_of(user_id)

    async def reached(self, position: int, seconds: float) -> bool:
        """Whether the names are those at `position` or later, within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while self._position is None or self._position < position:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _check(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._heard is None or now - self._heard > PATIENCE:
            raise KeysUnavailable(messages.KEYS_NOT_HEARD)
        if self._position is None:
            raise NamesUnavailable(messages.NAMES_NOT_READ)

    async def _follow(self) -> None:
        first = True
        async for change in changes(self._redis, (people.MODEL,), None):
            if first or change.resync:
                await self._read_all()
                first = False
            else:
                await self._apply(change)
            self._position = change.position
            self._moved.set()
            if not change.channels:
                await asyncio.sleep(PAUSE_SECONDS)  # every commit is a change, most often of others

    async def _read_all(self) -> None:
        """Tries again until it succeeds: what comes later waits in the feed."""
        self._position = None
        while True:
            try:
                names: dict[str, str] = {}
                async for sealed in people.names(self._redis):
                    names |= await asyncio.to_thread(self._opened, sealed)
                index = await asyncio.to_thread(Index, names)
            except (ReadModelUnavailable, KeyStoreError):
                await asyncio.sleep(RESTART_SECONDS)
                continue
            for user_id in self.destroyed:
                index.remove(user_id)
            self._index = index
            return

    async def _apply(self, change: Changes) -> None:
        values = {user_id: _name_of(blob) for user_id, blob in change.channels.get(people.NAMES, ())}
        sealed = {user_id: text for user_id, text in values.items() if text is not None}
        try:
            opened = await asyncio.to_thread(self._opened, sealed) if sealed else {}
        except KeyStoreError:
            await self._read_all()
            return
        for user_id in values:
            if user_id in opened and user_id not in self.destroyed:
                self._index.put(user_id, opened[user_id])
            else:
                self._index.remove(user_id)

    def _opened(self, sealed: Mapping[str, str]) -> dict[str, str]:
        """Without those that have no key. Raises KeyStoreError."""
        keys = self._keys.get_all(list(sealed))
        names = {}
        for (user_id, text), key in zip(sealed.items(), keys, strict=True):
            if key is not None and (name := opened(key, user_id, "name", text)) is not None:
                names[user_id] = name
        return names

    async def _forget(self) -> None:
        """Also while the read model is away."""
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            try:
                found = await asyncio.to_thread(self._keys.destroyed_after, self._sequence)
            except KeyStoreError:
                found = None
            if found is not None:
                self._sequence, gone = found
                self.destroyed |= set(gone)
                for user_id in gone:
                    self._index.remove(user_id)
                self._heard = asked
            await asyncio.sleep(POLL_SECONDS)


def opened(key: bytes | None, user_id: str, field: str, sealed: str) -> str | None:
    """None if it cannot be opened: the key is lost or destroyed."""
    try:
        return None if key is None else open_sealed(key, user_id, field, sealed)
    except Unsealable:
        return None


async def opened_all(keys: KeyStore, found: list[people.Person]) -> list[dict[str, str | None]]:
    """The personal data of each, by field; None if it is not known, or cannot be opened. Raises KeysUnavailable."""
    held = await asyncio.to_thread(keys.get_all, [each.user_id for each in found])
    unknown: dict[str, Any] = dict.fromkeys(people.FIELDS)
    return [
        unknown | {field: opened(key, each.user_id, field, text) for field, text in each.sealed.items()}
        for each, key in zip(found, held, strict=True)
    ]
