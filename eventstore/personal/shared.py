"""Keys on a Redis or Valkey server of their own, which several machines share.

`daybook:keys` (hash) has the keys by person, `daybook:destroyed` (sorted set) the number of each destruction by person.
One script does what must happen together; the server writes it to its append-only file as one transaction.

After a destruction the append-only file is written again, so that it no longer holds the key. `daybook:rewritten` is
the number of the latest destruction after which that was done. If a process is killed before, the next one does it.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from eventstore.personal import messages
from eventstore.personal.keys import KEY_BYTES, KeyDestroyed, KeysUnavailable

KEYS: Final = "daybook:keys"
DESTROYED: Final = "daybook:destroyed"
REWRITTEN: Final = "daybook:rewritten"

OPTIONS: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}
"""What a server needs so that it loses no key, and keeps none that was destroyed in a snapshot."""

REWRITE_DEADLINE: Final = 30.0
_LOOK_SECONDS: Final = 0.02
_BATCH: Final = 10_000

_CREATE: Final = """
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return false end
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
"""
_DESTROY: Final = """
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 'NX', redis.call('ZCARD', KEYS[2]) + 1, ARGV[1])
return redis.status_reply('OK')
"""
_AFTER: Final = """
local latest = redis.call('ZCARD', KEYS[1])
local after = tonumber(ARGV[1])
if after > latest then after = 0 end
return {latest, redis.call('ZRANGE', KEYS[1], after, -1)}
"""
_RAISE: Final = """
if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return redis.status_reply('OK')
"""


class Server(Protocol):
    """A client of one server, with a deadline of some seconds for each command."""

    def command(self, *parts: str | bytes | int) -> Any:
        """The answer as redis-py parses it. Raises Refused, or KeysUnavailable if there is none."""

    def close(self) -> None: ...


class Refused(Exception):
    """The server's answer is an error; the text is its own."""


class SharedKeys:
    """A KeyStore. The server's settings are checked before its first use, and by `check`.

    `read_models` returns the `run_id` of the server of the read models, None if it does not answer.
    """

    def __init__(self, server: Server, read_models: Callable[[], str | None] = lambda: None) -> None:
        self._server = server
        self._read_models = read_models
        self._is_checked = False

    def check(self) -> str | None:
        """Why this server cannot keep keys; None if it can. Raises KeysUnavailable if it does not answer."""
        ours = self._info("server", "replication")
        if str(ours["run_id"]) == self._read_models():
            return messages.SERVER_OF_THE_READ_MODELS
        if ours["role"] not in ("master", "primary") or any(_replicas(ours)):
            return messages.HAS_REPLICAS
        found = self._ask("CONFIG GET", *OPTIONS)
        wrong = (name for name, needed in OPTIONS.items() if found.get(name) != needed)
        return next(
            (messages.wrong_option(name, str(found.get(name, "")), OPTIONS[name]) for name in wrong), None
        )

    def create(self, user_id: str) -> bytes:
        self._ready()
        new = secrets.token_bytes(KEY_BYTES)
        key: bytes | None = self._ask("EVAL", _CREATE, 2, KEYS, DESTROYED, user_id, new)
        if key is None:
            raise KeyDestroyed(user_id)
        return key

    def get(self, user_id: str) -> bytes | None:
        return self.get_all([user_id])[0]

    def get_all(self, user_ids: Sequence[str]) -> list[bytes | None]:
        self._ready()
        batches = (user_ids[at : at + _BATCH] for at in range(0, len(user_ids), _BATCH))
        return [key for batch in batches for key in self._ask("HMGET", KEYS, *batch)]

    def destroy(self, user_id: str) -> None:
        self._ready()
        self._ask("EVAL", _DESTROY, 2, KEYS, DESTROYED, user_id)
        self._write_again()

    def destroyed_after(self, sequence: int) -> tuple[int, list[str]]:
        self._ready()
        latest, ids = self._ask("EVAL", _AFTER, 1, DESTROYED, sequence)
        return latest, [user_id.decode() for user_id in ids]

    def close(self) -> None:
        self._server.close()

    def _ready(self) -> None:
        if self._is_checked:
            return
        if reason := self.check():
            raise KeysUnavailable(reason)
        self._is_checked = True
        self._write_again()

    def _write_again(self) -> None:
        """Until it was done after the latest destruction, by whomever. Raises KeysUnavailable if it takes too long."""
        latest = self._ask("ZCARD", DESTROYED)
        deadline = time.monotonic() + REWRITE_DEADLINE
        while int(self._ask("GET", REWRITTEN) or 0) < latest:
            self._rewrite(deadline)

    def _rewrite(self, deadline: float) -> None:
        """One whole rewrite; only a pause if another one runs, which may have begun before the destruction."""
        covered, before = self._ask("ZCARD", DESTROYED), self._info("server")
        if not self._begin_rewrite():
            _pause(deadline)
            return
        after = self._after_rewrite(deadline)
        if after["run_id"] != before["run_id"]:
            return  # the server was started again: it says nothing about the rewrite
        if after["aof_last_bgrewrite_status"] != "ok":
            raise KeysUnavailable(messages.REWRITE_FAILED)
        self._ask("EVAL", _RAISE, 1, REWRITTEN, covered)

    def _begin_rewrite(self) -> bool:
        try:
            self._server.command("BGREWRITEAOF")
        except Refused as error:
            if "in progress" in str(error):
                return False
            raise KeysUnavailable(messages.REWRITE_FAILED, str(error)) from error
        return True

    def _after_rewrite(self, deadline: float) -> Mapping[str, Any]:
        """INFO at a moment when no rewrite runs or is waiting."""
        while True:
            info = self._info("server", "persistence")
            if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
                return info
            _pause(deadline)

    def _info(self, *sections: str) -> Mapping[str, Any]:
        info: Mapping[str, Any] = self._ask("INFO", *sections)
        return info

    def _ask(self, *parts: str | bytes | int) -> Any:
        try:
            return self._server.command(*parts)
        except Refused as error:
            raise KeysUnavailable(
                messages.server_refuses(str(error).partition(" ")[0]), str(error)
            ) from error


def _replicas(info: Mapping[str, Any]) -> Iterator[str]:
    """Those that follow now; a client that only takes a copy is not one of them."""
    for name, about in info.items():
        if name.startswith("slave") and isinstance(about, Mapping) and about.get("state") == "online":
            yield name


def _pause(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise KeysUnavailable(messages.rewrite_not_finished(REWRITE_DEADLINE))
    time.sleep(_LOOK_SECONDS)
