"""A raw client of server-sent events: it gets the same as a browser."""

import http.client
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import msgspec


class Event(msgspec.Struct, frozen=True):
    """An event as in the standard: `id` is the last id that was sent, `own_id` says whether this event had it.

    `topic` is Daybook's own field.
    """

    id: str
    own_id: bool
    name: str
    data: str
    topic: str


class Stream:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response
        self.id = ""
        self.seen: list[Event] = []
        self._buffer = b""

    def next(self, seconds: float = 5.0) -> Event:
        """Raises TimeoutError, EOFError."""
        deadline = time.monotonic() + seconds
        while b"\n\n" not in self._buffer:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no event within {seconds} s")
            self._receive(max(0.01, deadline - time.monotonic()))
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        event = self._parsed(block.decode())
        self.seen.append(event)
        return event

    def until(self, wanted: Callable[[Event], bool], seconds: float = 10.0) -> Event:
        deadline = time.monotonic() + seconds
        while True:
            event = self.next(max(0.01, deadline - time.monotonic()))
            if wanted(event):
                return event

    def drain(self, seconds: float) -> list[Event]:
        """Everything that comes within `seconds`."""
        deadline = time.monotonic() + seconds
        found = []
        while (left := deadline - time.monotonic()) > 0:
            try:
                found.append(self.next(left))
            except TimeoutError:
                break
        return found

    def _receive(self, seconds: float) -> None:
        assert self.response.fp is not None
        self.response.fp.raw._sock.settimeout(seconds)  # type: ignore[attr-defined]
        chunk = self.response.read1(1 << 16)
        if not chunk:
            raise EOFError("the server ended the stream")
        self._buffer += chunk

    def _parsed(self, block: str) -> Event:
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            assert "\r" not in line
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        self.id = fields.get("id", [self.id])[-1]
        name = fields.get("event", ["message"])[-1]
        data, topic = "\n".join(fields.get("data", [])), "".join(fields.get("topic", []))
        return Event(self.id, "id" in fields, name, data, topic)


@contextmanager
def listening(
    url: str,
    topics: str = "accounts,feed,totals,status",
    *,
    after: int | None = None,
    last_event_id: str = "",
    once: bool = False,
) -> Iterator[Stream]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    query = f"/live?topics={topics}" + ("" if after is None else f"&after={after}") + "&once=1" * once
    with closing(connection):
        yield opened(connection, query, last_event_id)


def opened(connection: http.client.HTTPConnection, query: str, last_event_id: str = "") -> Stream:
    connection.request("GET", query, headers={"Last-Event-ID": last_event_id} if last_event_id else {})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    return Stream(response)


def about(event: Event, *texts: str) -> bool:
    return event.name == "message" and all(text in event.data for text in texts)


def rows_of(html: str) -> list[str]:
    """The rows that change, without the colour of new rows and without relative times."""
    rows = re.findall(r'<(?:tr|li) id="(?:account|event|entry)-.*?</(?:tr|li)>', html, re.S)
    return [re.sub(r"\s+", " ", row.replace(' class="fresh"', "")) for row in rows]


def by_id(rows: list[str]) -> dict[str, str]:
    return {row.split('"')[1]: row for row in rows}


def shown_in(events: list[Event], target: str) -> dict[str, str]:
    """The rows of a page that got `events`: whole regions, and single rows after them."""
    rows: dict[str, str] = {}
    for event in events:
        if about(event, f'hx-target="#{target}"'):
            sent = by_id(rows_of(event.data))
            rows = sent if "innerMorph" in event.data else rows | sent
    return rows
