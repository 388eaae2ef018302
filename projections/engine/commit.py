"""One commit for each batch and read model: the script `commit.lua` applies all of it or nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import redis
from redis.exceptions import NoScriptError

from projections.engine.keys import prefix_of
from projections.engine.writes import Argument

_SOURCE: Final = (Path(__file__).parent / "commit.lua").read_text(encoding="utf-8")
_HEAD: Final = 10
"""Arguments of a commit before its writes."""
SMALL: Final = 1_000
"""Arguments of the writes of one call of the script, unless those of one commit are more."""
_SHA: Final = hashlib.sha1(_SOURCE.encode(), usedforsecurity=False).hexdigest()


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """Move `name`'s generation from checkpoint `expected` to `checkpoint` with `writes`.

    `origin` is the id of the batch's first event, `last` the position and id of its last one. `changes` is the entry of
    the change feed, b"" for none; `resync` says that it does not hold everything that changed; the feed keeps about
    `kept` entries. All of the hash `sums` is in the entry too, as these writes leave it, if it
    has at most 64 fields.
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
    sums: str = ""

    @property
    def prefix(self) -> str:
        return prefix_of(self.name, self.generation)

    def arguments(self) -> list[Argument]:
        """Those of the script, and how many they are."""
        return [
            _HEAD + len(self.writes),
            self.prefix,
            self.expected,
            self.checkpoint,
            self.token,
            self.origin,
            self.last,
            self.changes,
            int(self.resync),
            self.kept,
            self.sums,
            *self.writes,
        ]


class Answer(msgspec.Struct, frozen=True):
    """`outcome` is done, missing, fenced, superseded, elsewhere or "invalid: ..."; writes happen only if it is done."""

    outcome: str
    checkpoint: int | None
    token: int | None


def commit(client: redis.Redis, commits: Sequence[Commit]) -> list[Answer]:
    """Raises redis.RedisError; then it is not known what was committed."""
    return [answer for group in _groups(commits) for answer in _answers(_call(client, group))]


def _groups(commits: Sequence[Commit]) -> Iterator[list[Commit]]:
    """Small commits are one call of the script together, which costs less and wakes those who wait for changes once.

    A large one is a call of its own: nobody else is served while a script runs.
    """
    group, size = list[Commit](), 0
    for each in commits:
        if group and size + len(each.writes) > SMALL:
            yield group
            group, size = [], 0
        group.append(each)
        size += len(each.writes)
    if group:
        yield group


def _call(client: redis.Redis, group: Sequence[Commit]) -> Any:
    metas = [f"{each.prefix}meta" for each in group]
    given = (len(metas), *metas, *(argument for each in group for argument in each.arguments()))
    try:
        return client.execute_command("EVALSHA", _SHA, *given)  # type: ignore[no-untyped-call]
    except NoScriptError:
        client.script_load(_SOURCE)
        return client.execute_command("EVALSHA", _SHA, *given)  # type: ignore[no-untyped-call]


def _answers(reply: Sequence[Sequence[bytes]]) -> Iterator[Answer]:
    for each in reply:
        outcome, checkpoint, token = (bytes(part).decode() for part in each)
        yield Answer(outcome, int(checkpoint) if checkpoint else None, int(token) if token else None)
