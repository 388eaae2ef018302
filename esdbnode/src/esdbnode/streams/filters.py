"""Filters of $all: by stream name or event type, each by prefixes or by a regular expression (search, not full match).

A name is decided once, and the result is remembered by its number, so that an event costs one lookup.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from esdbnode.remembered import Remembered
from esdbnode.storage.reading import AllRow, Reader
from esdbnode.streams.errors import invalid, not_set
from esdbnode.wording import calls

_REMEMBERED = 100_000
_COUNT_WINDOW = 32
_OPTIONS = "ReadReq+Types+Options+Types+FilterOptions"

Select = Callable[[list[AllRow]], list[AllRow]]
"""The events of a page that pass the filter."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`window`: events considered at a time, 0 is invalid. A checkpoint is due every `window` x `multiplier` events."""

    select: Select
    window: int
    multiplier: int


def parse(log: Reader, options: Any) -> Filter:
    """From ReadReq.Options.FilterOptions."""
    match options.WhichOneof("filter"):
        case "stream_identifier":
            select = _by_stream(_verdicts(log.stream_name, matcher(options.stream_identifier)))
        case "event_type":
            select = _by_type(_verdicts(log.type_name, matcher(options.event_type)))
        case _:
            raise not_set(_OPTIONS, "Filter")
    match options.WhichOneof("window"):
        case "max":
            window = options.max
        case "count":
            window = _COUNT_WINDOW
        case _:
            raise not_set(_OPTIONS, "Window")
    return Filter(select, window, options.checkpointIntervalMultiplier)


def matcher(expression: Any) -> Callable[[str], bool]:
    """From FilterOptions.Expression: its regex if it has one, else its prefixes."""
    if not expression.regex:
        prefixes = tuple(expression.prefix)
        return lambda name: name.startswith(prefixes)
    try:
        search = re.compile(_from_dotnet(expression.regex)).search
    except re.error as error:
        raise invalid(calls.invalid_expression(str(error))) from None
    return lambda name: search(name) is not None


def _from_dotnet(pattern: str) -> str:
    return re.sub(r"\(\?<(?=\w)", "(?P<", pattern)


def _verdicts(name_of: Callable[[int], str], matches: Callable[[str], bool]) -> Remembered[int, bool]:
    return Remembered(lambda id_: matches(name_of(id_)), _REMEMBERED)


def _by_stream(verdicts: Remembered[int, bool]) -> Select:
    return lambda rows: [row for row in rows if verdicts[row[1]]]


def _by_type(verdicts: Remembered[int, bool]) -> Select:
    return lambda rows: [row for row in rows if verdicts[row[2]]]
