"""One commit for each batch and read model: the script `commit.lua`, which applies all of it or nothing."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import redis
from redis.exceptions import NoScriptError

from projections.engine.keys import prefix_of
from projections.engine.writes import Argument

_SOURCE: Final = (Path(__file__).parent / "commit.lua").read_text(encoding="utf-8")
_SHA: Final = hashlib.sha1(_SOURCE.encode(), usedforsecurity=False).hexdigest()


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """Move `name`'s generation from checkpoint `expected` to `checkpoint` with `writes`.

    `origin` is the id of the batch's first event, `last` the position and id of its last one. `changes` is the entry of
    the change feed, b"" for none; `resync` says that it does not hold everything that changed; the feed keeps about
    `kept` entries.
    """

    name: str
    generation: int
    expected: int
    checkpoint: int
    token: int
    writes: Sequence[Argument] = ()
    origin: str = ""
    last: str = ""
    changes: bytes = b""
    resync: bool = False
    kept: int = 1000


class Answer(msgspec.Struct, frozen=True):
    """`outcome` is done, missing, fenced, superseded, elsewhere or "invalid: ..."; writes happen only if it is done."""

    outcome: str
    checkpoint: int | None
    token: int | None


def commit(client: redis.Redis, commits: Sequence[Commit]) -> list[Answer]:
    """All of `commits` in one round trip. Raises redis.RedisError; then it is not known what was committed."""
    replies = _send(client, commits)
    unknown = [index for index, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
    if unknown:
        client.script_load(_SOURCE)
        again = _send(client, [commits[index] for index in unknown])
        for index, reply in zip(unknown, again, strict=True):
            replies[index] = reply
    return [_answer(reply) for reply in replies]


def _send(client: redis.Redis, commits: Sequence[Commit]) -> list[object]:
    with client.pipeline(transaction=False) as pipeline:
        for each in commits:
            prefix = prefix_of(each.name, each.generation)
            pipeline.execute_command(  # type: ignore[no-untyped-call]
                "EVALSHA",
                _SHA,
                1,
                f"{prefix}meta",
                prefix,
                each.expected,
                each.checkpoint,
                each.token,
                each.origin,
                each.last,
                each.changes,
                int(each.resync),
                each.kept,
                *each.writes,
            )
        return pipeline.execute(raise_on_error=False)


def _answer(reply: object) -> Answer:
    if isinstance(reply, Exception):
        raise reply
    assert isinstance(reply, list)
    outcome, checkpoint, token = (bytes(part).decode() for part in reply)
    return Answer(outcome, int(checkpoint) if checkpoint else None, int(token) if token else None)
