"""The key store of the settings: a file in the data folder, or the server in DAYBOOK_KEYS_URL."""

from contextlib import suppress
from typing import Any, Final

import redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from app.refusal import Refusal
from app.settings import Settings
from eventstore.personal import messages
from eventstore.personal.keys import KeyStore, KeysUnavailable
from eventstore.personal.shared import Refused, SharedKeys
from eventstore.personal.sqlite import SqliteKeys
from eventstore.store import EventLog, Recorded
from projections.engine.clients import plain

FOLDER: Final = "keys"
"""In the data folder."""

PEOPLE: Final = "user-"
DELETED: Final = "UserDeleted"
"""The wire name of the event after which a person's key is destroyed."""


def open_keys(settings: Settings) -> KeyStore:
    """Refusal if the store cannot be used. A server that does not answer yet is checked when it does."""
    if not settings.keys_url:
        try:
            return SqliteKeys(settings.data / FOLDER)
        except KeysUnavailable as error:
            raise Refusal(str(error), 1) from None
    keys = SharedKeys(KeyServer(settings.keys_url), lambda: run_id_of(settings.redis_url))
    with suppress(KeysUnavailable):
        if reason := keys.check():
            raise Refusal(reason, 1)
    return keys


def run_id_of(url: str | None) -> str | None:
    """A number that a Redis has until it is started again, whatever its address. None if it does not answer."""
    if url is None:
        return None
    try:
        with plain(url) as client:
            return str(client.info("server")["run_id"])
    except RedisError:
        return None


def destroy_deleted(keys: KeyStore, event_log: EventLog) -> int:
    """Destroys the key of everyone whom the log calls deleted; returns how many destructions that were new.

    For a store that was restored from a copy, and for a process that ended between the event and the destruction.
    Raises KeysUnavailable, StoreError.
    """
    before, _ = keys.destroyed_after(0)
    events = event_log.read(prefixes=(PEOPLE,), after=None)
    try:
        for message in events:
            if isinstance(message, Recorded) and message.type == DELETED:
                keys.destroy(message.stream.removeprefix(PEOPLE))
    finally:
        events.stop()
    after, _ = keys.destroyed_after(0)
    return after - before


class KeyServer:
    """What `eventstore.personal.shared` needs, by redis-py. Its pool of connections serves any number of threads."""

    def __init__(self, url: str) -> None:
        self._client: Any = plain(url)

    def command(self, *parts: str | bytes | int) -> Any:
        try:
            return self._client.execute_command(*parts)
        except AuthenticationError as error:
            raise KeysUnavailable(messages.SIGN_IN_REFUSED, str(error)) from error
        except NoPermissionError as error:
            raise KeysUnavailable(messages.NO_RIGHT, str(error)) from error
        except ResponseError as error:
            raise Refused(str(error)) from error
        except redis.RedisError as error:
            raise KeysUnavailable(messages.SERVER_SILENT, str(error)) from error

    def close(self) -> None:
        self._client.close()
