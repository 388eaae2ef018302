"""Read models in memory, for queries: the commands that queries send. tests/projections/test_queries.py holds that they
answer as Valkey does."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import Any, cast

import msgspec

from eventstore.store import Recorded
from projections.engine import keys
from projections.engine.clients import Redis
from projections.engine.facts import Streams
from projections.engine.folding import fold
from projections.engine.readmodel import ReadModel
from projections.engine.writes import Argument
from projections.readmodels import READ_MODELS
from tests.kit.journal import Journal

Scored = tuple[bytes, float]


class MemoryRedis:
    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}
        self._hashes: defaultdict[str, dict[bytes, bytes]] = defaultdict(dict)
        self._sorted_sets: defaultdict[str, dict[bytes, float]] = defaultdict(dict)
        self._lists: defaultdict[str, list[bytes]] = defaultdict(list)

    def fill(self, recorded: Iterable[Recorded], models: Iterable[ReadModel[Any]] = READ_MODELS) -> None:
        """Make the first generation of `models` from all events of a log."""
        batch = Streams().read(list(recorded))
        for model in models:
            concerning = batch.concerning(model, after=0)
            self._write(keys.prefix_of(model.name, 1), fold(model, concerning, set()).arguments())
            self._texts[keys.live(model.name)] = str(keys.Pointer(1, model.version)).encode()

    def _write(self, prefix: str, arguments: Sequence[Argument]) -> None:
        """`arguments` as the commit script takes them."""
        rest = iter(arguments)
        for command in rest:
            key, cap, count = prefix + cast(str, next(rest)), cast(int, next(rest)), cast(int, next(rest))
            given = list(islice(rest, count))
            pairs = list(zip(given[::2], given[1::2], strict=False))
            match command:
                case "HSET":
                    self._hashes[key] |= {_bytes(field): _bytes(value) for field, value in pairs}
                case "HDEL":
                    for field in given:
                        self._hashes[key].pop(_bytes(field), None)
                case "HINCRBY":
                    for field, by in pairs:
                        before = int(self._hashes[key].get(_bytes(field), 0))
                        self._hashes[key][_bytes(field)] = _bytes(before + int(by))
                case "ZADD":
                    self._sorted_sets[key] |= {_bytes(member): float(score) for score, member in pairs}
                case "RPUSH":
                    self._lists[key] = [*self._lists[key], *map(_bytes, given)][-cap:]

    async def get(self, key: str) -> bytes | None:
        return self._texts.get(key)

    async def hgetall(self, key: str) -> dict[bytes, bytes]:
        return dict(self._hashes[key])

    async def hmget(self, key: str, fields: Iterable[str]) -> list[bytes | None]:
        return [self._hashes[key].get(field.encode()) for field in fields]

    async def hscan(self, key: str, cursor: int, *, count: int) -> tuple[int, dict[bytes, bytes]]:
        found = list(self._hashes[key].items())[cursor : cursor + count]
        after = cursor + len(found)
        return after if after < len(self._hashes[key]) else 0, dict(found)

    def pipeline(self, *, transaction: bool) -> "MemoryPipeline":
        return MemoryPipeline(self)

    async def zscore(self, key: str, member: str) -> float | None:
        return self._sorted_sets[key].get(member.encode())

    async def zrangebyscore(
        self, key: str, lowest: str, highest: str, *, start: int, num: int, withscores: bool
    ) -> list[Scored]:
        assert withscores
        return self._between(key, lowest, highest)[start : start + num]

    async def zrevrangebyscore(
        self, key: str, highest: str, lowest: str, *, start: int, num: int, withscores: bool
    ) -> list[Scored]:
        assert withscores
        return self._between(key, lowest, highest)[::-1][start : start + num]

    def _between(self, key: str, lowest: str, highest: str) -> list[Scored]:
        low, high = float(lowest.removeprefix("(")), float(highest.removeprefix("("))
        found = [
            (member, score)
            for member, score in self._sorted_sets[key].items()
            if low <= score <= high
            and (score != low or not lowest.startswith("("))
            and (score != high or not highest.startswith("("))
        ]
        return sorted(found, key=lambda each: (each[1], each[0]))

    async def evalsha_ro(self, sha: str, count: int, key: str, before: str, most: str) -> list[bytes]:
        """The answer of `newest.lua`, the only script that queries run."""
        below = [
            value
            for value in self._lists[key]
            if not before or msgspec.msgpack.decode(value)[0] < int(before)
        ]
        return below[-int(most) :]

    @property
    def client(self) -> Redis:
        return cast(Redis, self)


class MemoryPipeline:
    """Only of `hmget` and `hgetall`."""

    def __init__(self, server: MemoryRedis) -> None:
        self._asked: list[Awaitable[Any]] = []
        self._server = server

    async def __aenter__(self) -> "MemoryPipeline":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def hmget(self, key: str, fields: Iterable[str]) -> None:
        self._asked.append(self._server.hmget(key, fields))

    def hgetall(self, key: str) -> None:
        self._asked.append(self._server.hgetall(key))

    async def execute(self) -> list[Any]:
        return [await asked for asked in self._asked]


class ReadSide(msgspec.Struct, frozen=True):
    """Read models for queries, and a function that makes them from a log."""

    redis: Redis
    project: Callable[[Journal], None]


def _bytes(value: Argument) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
