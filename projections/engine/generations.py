"""A read model's generations: created empty, filled, published. The previous one is kept for a rollback.

A key of a wrong type, or with a value that nobody here wrote, counts as missing: whatever it is about is built again.
"""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any, Final

import msgspec
import redis
from redis.exceptions import ResponseError

from projections import messages
from projections.engine import keys
from projections.engine.keys import Pointer, pointer, position_of, prefix_of

_SCAN: Final = 1_000

_FLIP: Final = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


class Gone(Exception):
    """A generation no longer exists: Redis was wiped, or it was removed."""


class Last(msgspec.Struct, frozen=True):
    position: int
    event_id: str


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """A generation as Redis holds it. `origin` is the id of the log's first event, "" before the first commit.

    `last` is the last event that it holds. Both are compared with the log.

    `held`: it is live because of a rollback from this version, and a projector of that version does not update it.
    """

    name: str
    number: int
    version: int
    checkpoint: int
    token: int
    origin: str
    live: bool
    last: Last | None = None
    held: int | None = None

    @property
    def prefix(self) -> str:
        return prefix_of(self.name, self.number)

    @property
    def pointer(self) -> Pointer:
        return Pointer(self.number, self.version)


def create(client: redis.Redis, name: str, version: int) -> Generation:
    number = _next_number(client, name)
    remove(client, name, number)
    meta: dict[Any, Any] = {
        "checkpoint": "0",
        "token": "0",
        "epoch": uuid.uuid4().hex,
        "version": version,
        "keys": 0,
    }
    client.hset(f"{prefix_of(name, number)}meta", mapping=meta)
    return Generation(name=name, number=number, version=version, checkpoint=0, token=0, origin="", live=False)


def live(client: redis.Redis, name: str) -> Generation | None:
    """The live generation, of any version. None: the read model is missing."""
    found = pointer_at(client, keys.live(name))
    return None if found is None else read(client, name, found.number, live=True)


def pointer_at(client: redis.Redis, key: str) -> Pointer | None:
    with Damage():
        return pointer(client.get(key))
    return None


def read(client: redis.Redis, name: str, number: int, *, live: bool) -> Generation | None:
    with suppress(ValueError), Damage():
        return _read(client, name, number, live=live)
    return None


def _read(client: redis.Redis, name: str, number: int, *, live: bool) -> Generation | None:
    wanted = ["checkpoint", "token", "origin", "last", "version", "held"]
    fields: list[Any] = client.hmget(f"{prefix_of(name, number)}meta", wanted)
    checkpoint, token, origin, last, version, held = fields
    position = position_of(checkpoint)
    if position is None or token is None:
        return None
    return Generation(
        name=name,
        number=number,
        version=int(version or 1),
        checkpoint=position,
        token=int(token),
        origin=(origin or b"").decode(),
        last=None if last is None else _last(last.decode()),
        live=live,
        held=None if held is None else int(held),
    )


def _last(text: str) -> Last:
    position, _, event_id = text.partition(" ")
    return Last(int(position), event_id)


class Damage(AbstractContextManager[None]):
    """The block ends silently at a key of a wrong type, or at a value that is not a number."""

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        wrong = ("WRONGTYPE", "value is not an integer")
        return isinstance(error, ResponseError) and str(error).startswith(wrong)


def _next_number(client: redis.Redis, name: str) -> int:
    """Above every number in use, also if the counter was lost or damaged."""
    with Damage():
        number = int(client.incr(keys.counter(name)))
        if number > (used := _highest(client, name)):
            return number
        client.set(keys.counter(name), used + 1)
        return used + 1
    client.delete(keys.counter(name))
    return _next_number(client, name)


def _highest(client: redis.Redis, name: str) -> int:
    known = (pointer_at(client, key) for key in (keys.live(name), keys.previous(name), keys.building(name)))
    return max((found.number for found in known if found is not None), default=0)


def withdraw(client: redis.Redis, name: str) -> None:
    """Leave no generation live and none to roll back to: readers learn that the read model is being rebuilt."""
    client.delete(keys.live(name))
    client.delete(keys.previous(name))


def clear(client: redis.Redis, name: str) -> None:
    """As `withdraw`, if a generation is named as live that does not exist or is damaged."""
    if client.exists(keys.live(name)):
        withdraw(client, name)


def publish(
    client: redis.Redis,
    generation: Generation,
    *,
    instead_of: Generation | None = None,
    held: int | None = None,
) -> bool:
    """Make `generation` live, in one step; its change feed starts with a mark at its checkpoint.

    False if a generation other than `instead_of` is live by now. The previous generation is marked as superseded, so
    that its writers stop.
    """
    meta = f"{generation.prefix}meta"
    client.hdel(meta, "next", "held")
    if held is not None:
        client.hset(meta, "held", held)
    _mark(client, generation.prefix)
    before = "" if instead_of is None else str(instead_of.pointer)
    if not client.eval(_FLIP, 1, keys.live(generation.name), before, str(generation.pointer)):
        return False
    client.delete(keys.building(generation.name))
    if instead_of is not None:
        client.hset(f"{instead_of.prefix}meta", "next", generation.number)
        client.set(keys.previous(generation.name), instead_of.number)
    return True


def _mark(client: redis.Redis, prefix: str) -> None:
    checkpoint = client.hget(f"{prefix}meta", "checkpoint")
    if checkpoint is None:
        raise Gone(messages.generation_wiped(prefix))
    client.xadd(f"{prefix}changes", {"changes": b"", "resync": 1}, id=f"{int(checkpoint)}-*")


def sweep(client: redis.Redis, name: str) -> int:
    """Remove what is older than the live generation, but for the previous one. Returns how many keys were removed.

    That includes generations that were never complete. After a rollback the previous one is the newer of the two.
    """
    values: list[Any] = client.mget(keys.live(name), keys.previous(name))
    kept = {found.number for found in map(pointer, values) if found is not None}
    newest = max(kept, default=0)
    start = f"{{{name}:".encode()
    removed = 0
    for batch in _scan(client, f"{{{name}:*"):
        numbers = {key: int(key[len(start) :].partition(b"}")[0]) for key in batch}
        old = [key for key, number in numbers.items() if number < newest and number not in kept]
        removed += len(old)
        if old:
            client.unlink(*old)
    return removed


def remove(client: redis.Redis, name: str, number: int) -> None:
    for batch in _scan(client, f"{{{name}:{number}}}:*"):
        client.unlink(*batch)


def key_names(client: redis.Redis, name: str, number: int) -> Iterator[list[bytes]]:
    """The generation's keys, in batches. A key may come twice."""
    return _scan(client, f"{prefix_of(name, number)}*")


def _scan(client: redis.Redis, pattern: str) -> Iterator[list[bytes]]:
    cursor = 0
    batch: Any
    while True:
        cursor, batch = client.scan(cursor, match=pattern, count=_SCAN)
        if batch:
            yield batch
        if cursor == 0:
            return
