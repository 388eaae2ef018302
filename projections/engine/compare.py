"""Two generations of one read model, cell by cell: a hash field, a sorted-set member, a whole list.

Cells that are still being written to differ for a moment. So `suspects` looks at everything once and names the cells
that differ; `values` reads such cells and the checkpoint in one step, so that they can be compared when both
generations have reached the same position.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from threading import Event
from typing import Any, Final

import redis
from redis.exceptions import ResponseError

from projections.engine.generations import key_names
from projections.engine.inbox import Interrupted
from projections.engine.keys import prefix_of
from projections.engine.readmodel import Cell
from projections.engine.writes import Folded

_NOT_COMPARED: Final = {"meta", "changes"}
_COMPARED: Final = {"hash", "zset", "list"}
"""No read model has a key of another type, but a damaged one may."""
_TOGETHER: Final = 500
_PAGE: Final = 2_000
_SMALL: Final = 200
"""Members of a sorted set that is read as a whole. A read model may have very many such sets."""


Values = dict[Cell, Any]


def touched(folded: Folded) -> Iterator[Cell]:
    """The cells that `folded` writes to."""
    for key, fields in folded.sets.items():
        yield from (Cell("hash", key, field) for field in fields)
    for key, sums in folded.sums.items():
        yield from (Cell("hash", key, field) for field in sums)
    for key, scores in folded.scores.items():
        yield from (Cell("zset", key, member) for member in scores)
    for key in folded.appends:
        yield Cell("list", key, "")


def kinds(client: redis.Redis, name: str, number: int) -> dict[str, str]:
    """The generation's keys, without the prefix, and their types."""
    start = len(prefix_of(name, number))
    found: dict[str, str] = {}
    for batch in key_names(client, name, number):
        with client.pipeline(transaction=False) as pipeline:
            for key in batch:
                pipeline.type(key)
            for key, kind in zip(batch, pipeline.execute(), strict=True):
                found[key[start:].decode()] = kind.decode()
    return {key: kind for key, kind in found.items() if key not in _NOT_COMPARED}


def suspects(
    client: redis.Redis, name: str, one: int, other: int, stop: Event | None = None
) -> tuple[set[Cell], int]:
    """The cells that are not the same in generations `one` and `other`, and how many keys were compared.

    Raises Interrupted once `stop` is set.
    """
    ones, others = kinds(client, name, one), kinds(client, name, other)
    either = ones | others
    found = {
        Cell(kind, key, "")
        for key, kind in (*ones.items(), *others.items())
        if kind not in _COMPARED or kind != either[key]
    }
    for keys in _together([key for key, kind in ones.items() if kind == "zset" == others.get(key)]):
        if stop is not None and stop.is_set():
            raise Interrupted
        for key in _equal(client, name, one, other, keys):
            del ones[key], others[key]
    for cells in chain(_pages(client, name, one, ones), _pages(client, name, other, others)):
        if stop is not None and stop.is_set():
            raise Interrupted
        left, right = (read(client, name, number, cells) for number in (one, other))
        found |= {cell for cell in cells if left[cell] != right[cell]}
    return found, len(either)


def _together(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _TOGETHER] for start in range(0, len(keys), _TOGETHER))


def _equal(client: redis.Redis, name: str, one: int, other: int, keys: Sequence[str]) -> list[str]:
    """Those sorted sets that are small, and the same in both generations."""
    with client.pipeline(transaction=False) as pipeline:
        for key in keys:
            for number in (one, other):  # as one flat list, which is much faster than pairs
                name_ = f"{prefix_of(name, number)}{key}"
                pipeline.execute_command("ZRANGE", name_, 0, _SMALL, "WITHSCORES")  # type: ignore[no-untyped-call]
        replies = pipeline.execute()
    pairs = zip(keys, replies[::2], replies[1::2], strict=True)
    return [key for key, left, right in pairs if left == right and len(left) <= 2 * _SMALL]


def _pages(client: redis.Redis, name: str, number: int, keys: dict[str, str]) -> Iterator[list[Cell]]:
    """All cells, in batches."""
    lists = [Cell("list", key, "") for key, kind in keys.items() if kind == "list"]
    for start in range(0, len(lists), _TOGETHER):
        yield lists[start : start + _TOGETHER]
    for key, kind in keys.items():
        if kind in ("hash", "zset"):
            for members in _members(client, f"{prefix_of(name, number)}{key}", kind):
                yield [Cell(kind, key, member.decode()) for member in members]


def _members(client: redis.Redis, key: str, kind: str) -> Iterator[list[bytes]]:
    cursor, page = 0, _PAGE
    found: Any
    while True:
        if kind == "hash":
            cursor, found = client.hscan(key, cursor, count=page)  # NOVALUES is newer than Redis 7.0
        else:
            cursor, pairs = client.zscan(key, cursor, count=page)
            found = [member for member, _ in pairs]
        if found:
            yield list(found)
        if cursor == 0:
            return


def read(client: redis.Redis, name: str, number: int, cells: Iterable[Cell]) -> Values:
    return values(client, name, number, cells, together=False)[1]


def values(
    client: redis.Redis, name: str, number: int, cells: Iterable[Cell], *, together: bool = True
) -> tuple[int, Values]:
    """The checkpoint and the cells' values, None for a missing one; in one step if `together`."""
    prefix = prefix_of(name, number)
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for cell in cells:
        groups[cell.kind, cell.key].append(cell.member)
    with client.pipeline(transaction=together) as pipeline:
        pipeline.hget(f"{prefix}meta", "checkpoint")
        for (kind, key), members in groups.items():
            if kind == "hash":
                pipeline.hmget(f"{prefix}{key}", members)
            elif kind == "zset":
                pipeline.zmscore(f"{prefix}{key}", members)
            elif kind == "list":
                pipeline.lrange(f"{prefix}{key}", 0, -1)
            else:
                pipeline.type(f"{prefix}{key}")
        checkpoint, *replies = pipeline.execute(raise_on_error=False)
    found: Values = {}
    for ((kind, key), members), reply in zip(groups.items(), replies, strict=True):
        each = _each(reply, kind, members)
        found |= {Cell(kind, key, member): value for member, value in zip(members, each, strict=True)}
    return int(checkpoint or 0), found


def _each(reply: Any, kind: str, members: list[str]) -> list[Any]:
    """A key of another type holds none of the cells. It can come from another version of the read model."""
    if isinstance(reply, ResponseError) and str(reply).startswith("WRONGTYPE"):
        return [None] * len(members)
    if isinstance(reply, Exception):
        raise reply
    return list(reply) if kind in ("hash", "zset") else [reply]
