"""The text of server-sent events, and the htmx partials in it: what a page does not show is left alone."""

from collections.abc import Iterable
from typing import Final


class Message:
    """`whole` supersedes all messages of its topic before it. `data` is SSE text, without the ending empty line."""

    __slots__ = ("data", "whole")

    def __init__(self, data: bytes, *, whole: bool) -> None:
        self.data = data
        self.whole = whole


RESYNC: Final = b"event: resync\ndata: 1\n"
"""Precedes whole regions: the page may have missed something."""


def upsert(target: str, elements: str) -> str:
    """Elements replace those that have their ids; others are added by position, the newest on top."""
    return f'<hx-upsert hx-target="#{target}" key="data-position" sort="desc">{elements}</hx-upsert>'


def replace(target: str, content: str) -> str:
    return f'<hx-partial hx-target="#{target}" hx-swap="innerMorph">{content}</hx-partial>'


def message(partials: Iterable[str], *, whole: bool) -> Message:
    """The indentation of templates is left out: it is a sixth of the bytes, and shows nowhere."""
    lines = map(str.strip, "\n".join(partials).splitlines())
    return Message("".join(f"data: {line}\n" for line in lines if line).encode(), whole=whole)


def signal(name: str) -> Message:
    """An event that has a name and says nothing more."""
    return Message(f"event: {name}\ndata: 1\n".encode(), whole=True)


def payload(messages: Iterable[bytes], position: int) -> bytes:
    """Messages end with an empty line; the last one carries the id, so that a cut before it repeats them all."""
    return b"\n".join(messages) + b"id: %d\n\n" % position
