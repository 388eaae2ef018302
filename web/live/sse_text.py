"""The text of server-sent events with htmx partials. A page ignores partials for elements that it does not have."""

from collections.abc import Iterable
from typing import Final


class Message:
    """`whole` replaces all earlier messages of its topic. `data` is SSE text, without the empty line at its end."""

    __slots__ = ("data", "whole")

    def __init__(self, data: bytes, *, whole: bool) -> None:
        self.data = data
        self.whole = whole


RESYNC: Final = b"event: resync\ndata: 1\n"
"""Sent before whole regions: the page may have missed something."""


def upsert(target: str, elements: str) -> str:
    """Elements replace those that have their ids; others are added by position, the newest on top."""
    return f'<hx-upsert hx-target="#{target}" key="data-position" sort="desc">{elements}</hx-upsert>'


def replace(target: str, content: str) -> str:
    return f'<hx-partial hx-target="#{target}" hx-swap="innerMorph">{content}</hx-partial>'


def message(topic: str, partials: Iterable[str], *, whole: bool) -> Message:
    """Leaves out the indentation of templates: it is a sixth of the bytes, and pages do not show it.

    `topic` is a field of our own, which other readers of server-sent events ignore: a window takes from a stream that
    it shares with others only what it wants.
    """
    lines = map(str.strip, "\n".join(partials).splitlines())
    data = "".join(f"data: {line}\n" for line in lines if line)
    return Message(f"topic: {topic}\n{data}".encode(), whole=whole)


def signal(topic: str) -> Message:
    """An event that is named as the topic, with no content."""
    return Message(f"event: {topic}\ntopic: {topic}\ndata: 1\n".encode(), whole=True)


def payload(messages: Iterable[bytes], position: int) -> bytes:
    """Each message ends with an empty line. Only the last has the id: after an earlier break all are repeated."""
    return b"\n".join(messages) + b"id: %d\n\n" % position
