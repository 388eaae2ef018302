"""A client library as plain data: `python driver.py LIBRARY CLASS URI` answers requests, a line of JSON for each.

A request is [method, arguments, options] of `Driver`; an answer {"result": ...} or {"refused": "NAME: words"},
where NAME is as in `_name`. Needs the standard library and the named one only.
"""

import asyncio
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from types import ModuleType
from typing import Any, TypedDict
from uuid import UUID

SECONDS = 10.0
"""Seconds for any call, and for the whole life of a subscription."""


class New(TypedDict):
    """An event to append."""

    id: str
    type: str
    data: str
    metadata: str


class Item(New):
    """A read item; `kind` is "event", "checkpoint" or "caught up", `link` the link that was resolved to the event."""

    kind: str
    stream: str
    revision: int
    position: int
    link: "Item | None"


class Driver:
    def __init__(self, library: ModuleType, client: Any) -> None:
        self._library = library
        self._client = client
        self._subscription: Any = None

    def append(self, stream: str, expected: int | str, events: New | list[New]) -> int:
        """One event and a list of events are different calls in some libraries. `expected` as in `_state`."""
        news = self._new(events) if isinstance(events, dict) else [self._new(event) for event in events]
        state = self._state(expected)
        return int(self._client.append_to_stream(stream, current_version=state, events=news, timeout=SECONDS))

    def read_stream(self, stream: str, **options: Any) -> list[Item]:
        return [_item(event) for event in self._client.get_stream(stream, timeout=SECONDS, **options)]

    def read_all(self, **options: Any) -> list[Item]:
        """`prefix` filters by the beginning of the type, or of the stream's name."""
        options = self._with_prefix(**options)
        return [_item(event) for event in self._client.read_all(timeout=SECONDS, **options)]

    def current_version(self, stream: str) -> int | str:
        """A revision or NO_STREAM."""
        return _version(self._client.get_current_version(stream, timeout=SECONDS))

    def end(self) -> int:
        """The position of the last event in the log."""
        return int(self._client.get_commit_position(filter_exclude=[], timeout=SECONDS))

    def subscribe(self, stream: str | None = None, **options: Any) -> None:
        """To a stream, or else to $all with options as in `read_all`; ends the subscription before."""
        self.unsubscribe()
        options = self._with_prefix(timeout=SECONDS, **options)
        if stream:
            self._subscription = self._client.subscribe_to_stream(stream, **options)
        else:
            self._subscription = self._client.subscribe_to_all(**options)

    def take(self, count: int) -> list[Item]:
        """The subscription's next items, as soon as there are this many."""
        return [_item(event) for event in islice(self._subscription, count)]

    def unsubscribe(self) -> None:
        if self._subscription:
            self._subscription.stop()
        self._subscription = None

    def set_metadata(self, stream: str, metadata: dict[str, Any], expected: int | str = "ANY") -> None:
        state = self._state(expected)
        self._client.set_stream_metadata(stream, metadata=metadata, current_version=state, timeout=SECONDS)

    def metadata(self, stream: str) -> list[Any]:
        """[the metadata, its version as in `current_version`]; NO_STREAM if it was never set."""
        metadata, version = self._client.get_stream_metadata(stream, timeout=SECONDS)
        return [metadata, _version(version)]

    def delete(self, stream: str, expected: int | str) -> None:
        self._client.delete_stream(stream, current_version=self._state(expected), timeout=SECONDS)

    def tombstone(self, stream: str, expected: int | str) -> None:
        self._client.tombstone_stream(stream, current_version=self._state(expected), timeout=SECONDS)

    def _state(self, expected: int | str) -> Any:
        """A revision, or NO_STREAM, EXISTS or ANY."""
        return expected if isinstance(expected, int) else self._library.StreamState[expected]

    def _with_prefix(self, prefix: str | None = None, **options: Any) -> dict[str, Any]:
        """esdbclient sends only expressions, kurrentdbclient also prefixes."""
        if prefix is None:
            return options
        if self._library.__name__ == "kurrentdbclient":
            return {"filter_include": [prefix], "filter_by_prefix": True, **options}
        return {"filter_include": [f"{re.escape(prefix)}.*"], **options}

    def _new(self, event: New) -> Any:
        data, metadata = event["data"].encode(), event["metadata"].encode()
        return self._library.NewEvent(id=UUID(event["id"]), type=event["type"], data=data, metadata=metadata)


class Blocking:
    """An asyncio client, or what it iterates, used as if it were the blocking one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, inner: Any) -> None:
        self._loop = loop
        self._inner = inner

    def __getattr__(self, method: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            got = self._loop.run_until_complete(getattr(self._inner, method)(*arguments, **options))
            return Blocking(self._loop, got) if hasattr(got, "__anext__") else got

        return call

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return self._loop.run_until_complete(anext(self._inner))
        except StopAsyncIteration:
            raise StopIteration from None


def _version(version: Any) -> int | str:
    return version if isinstance(version, int) else str(version.name)


def _item(event: Any) -> Item:
    return Item(
        kind="checkpoint" if event.is_checkpoint else "caught up" if event.is_caught_up else "event",
        id=str(event.id),
        type=event.type,
        data=event.data.decode(),
        metadata=event.metadata.decode(),
        stream=event.stream_name,
        revision=event.stream_position,
        position=event.commit_position,
        link=event.link and _item(event.link),
    )


def _name(error: Exception) -> str:
    """The exception's, without the suffix Error. When the blocking clients append one event, they do not
    say that a failed precondition was a deleted stream.
    """
    name = type(error).__name__.removesuffix("Error")
    is_deleted = name == "FailedPrecondition" and re.fullmatch("Event stream '.+' is deleted.", str(error))
    return "StreamIsDeleted" if is_deleted else name


def answer(driver: Driver, request: str) -> str:
    method, arguments, options = json.loads(request)
    try:
        return json.dumps({"result": getattr(driver, method)(*arguments, **options)})
    except Exception as error:  # the suite says which are right
        return json.dumps({"refused": f"{_name(error)}: {error}"})


def connect(library: ModuleType, name: str, uri: str) -> Any:
    kind = getattr(library, name)
    if not inspect.iscoroutinefunction(kind.close):
        return kind(uri=uri)
    loop = asyncio.new_event_loop()

    async def connected() -> Any:
        client = kind(uri=uri)
        await client.connect()
        return client

    return Blocking(loop, loop.run_until_complete(connected()))


def main(library: str, client: str, uri: str) -> None:
    imported = importlib.import_module(library)
    connected = connect(imported, client, uri)
    driver = Driver(imported, connected)
    for request in sys.stdin:
        print(answer(driver, request), flush=True)
    driver.unsubscribe()
    connected.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
