"""A projection's generations: created empty, filled, published; the one before is kept for a roll-back."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import redis

from projections import keys
from projections.keys import prefix_of

_SCAN: Final = 1_000

_FLIP: Final = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


class Gone(Exception):
    """A generation is not there any more: Redis was wiped, or it was removed."""


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """As Redis holds it. `origin` is the id of the log's first event, "" while nothing was committed."""

    name: str
    number: int
    checkpoint: int
    token: int
    origin: str
    live: bool

    @property
    def prefix(self) -> str:
        return prefix_of(self.name, self.number)


def create(client: redis.Redis, name: str) -> Generation:
    number = int(client.incr(keys.counter(name)))
    remove(client, name, number)
    meta: dict[Any, Any] = {"checkpoint": "0", "token": "0", "epoch": uuid.uuid4().hex}
    client.hset(f"{prefix_of(name, number)}meta", mapping=meta)
    return Generation(name=name, number=number, checkpoint=0, token=0, origin="", live=False)


def load(client: redis.Redis, name: str) -> Generation | None:
    """The live generation, or the one being built where none is live. None: the read model is missing."""
    for pointer, live in ((keys.live(name), True), (keys.building(name), False)):
        number = client.get(pointer)
        if number is None:
            continue
        found = read(client, name, int(number), live=live)
        if found is not None:
            return found
    return None


def read(client: redis.Redis, name: str, number: int, *, live: bool) -> Generation | None:
    fields: list[Any] = client.hmget(f"{prefix_of(name, number)}meta", ["checkpoint", "token", "origin"])
    checkpoint, token, origin = fields
    if checkpoint is None or token is None:
        return None
    return Generation(
        name=name,
        number=number,
        checkpoint=int(checkpoint),
        token=int(token),
        origin=(origin or b"").decode(),
        live=live,
    )


def begin(client: redis.Redis, name: str) -> Generation:
    """A new generation to fill, with none live: readers are told that it is being rebuilt."""
    made = create(client, name)
    client.set(keys.building(name), made.number)
    client.delete(keys.live(name))
    return made


def publish(client: redis.Redis, name: str, number: int, *, instead_of: int | None = None) -> bool:
    """Make `number` live, in one step; its change feed starts with a mark at its checkpoint.

    False where another than `instead_of` is live by now. The generation before learns that it is superseded, so
    that whoever writes to it stops.
    """
    fresh = prefix_of(name, number)
    client.hdel(f"{fresh}meta", "next")
    _mark(client, fresh)
    before = "" if instead_of is None else str(instead_of)
    if not client.eval(_FLIP, 1, keys.live(name), before, number):
        return False
    client.delete(keys.building(name))
    if instead_of is not None:
        client.hset(f"{prefix_of(name, instead_of)}meta", "next", number)
        client.set(keys.previous(name), instead_of)
    return True


def _mark(client: redis.Redis, prefix: str) -> None:
    checkpoint = client.hget(f"{prefix}meta", "checkpoint")
    if checkpoint is None:
        raise Gone(f"The generation {prefix} is gone; Redis was wiped. Rebuild again.")
    client.xadd(f"{prefix}changes", {"changes": b"", "resync": 1}, id=f"{int(checkpoint)}-*")


def sweep(client: redis.Redis, name: str) -> int:
    """Remove the generations older than the previous one; answers how many keys."""
    kept = client.get(keys.previous(name)) or client.get(keys.live(name))
    if kept is None:
        return 0
    start = f"{{{name}:".encode()
    removed = 0
    for batch in _scan(client, f"{{{name}:*"):
        old = [key for key in batch if int(key[len(start) :].partition(b"}")[0]) < int(kept)]
        removed += len(old)
        if old:
            client.unlink(*old)
    return removed


def remove(client: redis.Redis, name: str, number: int) -> None:
    for batch in _scan(client, f"{{{name}:{number}}}:*"):
        client.unlink(*batch)


def key_names(client: redis.Redis, name: str, number: int) -> Iterator[list[bytes]]:
    """The generation's keys, in batches; a key may come twice."""
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
