"""Filters of $all: by stream name or event type, each by prefixes or by a regular expression (search, not full match).

A name is decided once and remembered by its interned id; what it costs an event is one look-up.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from embedded.storage.reading import AllRow, Reader
from embedded.streams.errors import invalid, not_set

_REMEMBERED = 100_000
_COUNT_WINDOW = 32
_OPTIONS = "ReadReq+Types+Options+Types+FilterOptions"


@dataclass(frozen=True, slots=True)
class Filter:
    """`window`: events considered at a time, 0 being senseless; a checkpoint comes every `window` x `multiplier`."""

    select: Callable[[list[AllRow]], list[AllRow]]
    window: int
    multiplier: int


def parse(log: Reader, options: Any) -> Filter:
    """From ReadReq.Options.FilterOptions."""
    match options.WhichOneof("filter"):
        case "stream_identifier":
            verdicts, column = _Verdicts(log.stream_name, matcher(options.stream_identifier)), 1
        case "event_type":
            verdicts, column = _Verdicts(log.type_name, matcher(options.event_type)), 2
        case _:
            raise not_set(_OPTIONS, "Filter")
    match options.WhichOneof("window"):
        case "max":
            window = options.max
        case "count":
            window = _COUNT_WINDOW
        case _:
            raise not_set(_OPTIONS, "Window")
    return Filter(_selector(verdicts, column), window, options.checkpointIntervalMultiplier)


def matcher(expression: Any) -> Callable[[str], bool]:
    """From FilterOptions.Expression: its regex, or else its prefixes."""
    if not expression.regex:
        prefixes = tuple(expression.prefix)
        return lambda name: name.startswith(prefixes)
    try:
        search = re.compile(_from_dotnet(expression.regex)).search
    except re.error as error:
        raise invalid(f"The filter's regular expression is invalid: {error}.") from None
    return lambda name: search(name) is not None


def _from_dotnet(pattern: str) -> str:
    return re.sub(r"\(\?<(?=\w)", "(?P<", pattern)


class _Verdicts(dict[int, bool]):
    def __init__(self, name_of: Callable[[int], str], matches: Callable[[str], bool]) -> None:
        self._name_of, self._matches = name_of, matches

    def __missing__(self, id_: int) -> bool:
        if len(self) >= _REMEMBERED:
            self.clear()
        verdict = self[id_] = self._matches(self._name_of(id_))
        return verdict


def _selector(verdicts: _Verdicts, column: int) -> Callable[[list[AllRow]], list[AllRow]]:
    return lambda rows: [row for row in rows if verdicts[row[column]]]  # type: ignore[index]
