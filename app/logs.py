"""Log lines of the processes on standard error: text for a terminal, or JSON for a collector.

A JSON line has `time` (UTC), `level`, `part` (web, projector, node...), `message`, and during a request `request`,
`correlation`, `actor` and `route`, and `trace` and `span` if it is part of a trace. A line of text has correlation id,
request and route, in brackets. A line may also name `request` and `correlation` itself, with `extra`.
Whatever a message holds, it is one line, which cannot command a terminal; in text a traceback follows it. Standard
library only: the supervisor writes with it too.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from domain.marks import first_refused

LEVELS: Final = ("debug", "info", "warning", "error")
FORMATS: Final = ("text", "json")

_ABOUT: Final = ("correlation", "request", "route")
"""The fields of a line of text."""
_NAMED: Final = ("request", "correlation")

Context = Callable[[], Mapping[str, str]]
"""The fields of a line that come from the current request."""


def format_for(chosen: str | None) -> str:
    """`text` on a terminal, otherwise `json`, unless the settings choose one."""
    return chosen or ("text" if sys.stderr.isatty() else "json")


def configure(part: str, level: str, form: str, context: Context = dict) -> None:
    """For a process of Daybook: all its modules log to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json(part, context) if form == "json" else _Text(context))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def line(part: str, message: str, level: str = "info") -> str:
    """A line of JSON about `part`. A line that a part wrote in this form itself stays as it is."""
    return message if _is_json(message) else _line(datetime.now(UTC), level, part, message)


def _line(at: datetime, level: str, part: str, message: str, **more: str) -> str:
    time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"time": time, "level": level, "part": part, "message": message, **more}
    return _one_line(json.dumps(fields, ensure_ascii=False))


def _one_line(text: str) -> str:
    """With escapes, which JSON has too, for what could end a line, command a terminal or deceive its reader."""
    if first_refused(text) is None:
        return text
    return "".join(_escaped(mark) if first_refused(mark) else mark for mark in text)


def _escaped(mark: str) -> str:
    units = mark.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _is_json(text: str) -> bool:
    try:
        found = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"time", "level", "part", "message"} <= found.keys()


class _Text(logging.Formatter):
    def __init__(self, context: Context) -> None:
        super().__init__("%(levelname)s %(name)s%(about)s: %(message)s")
        self._context = context

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = {**self._context(), **_own(record)}
        about = " ".join(fields[name] for name in _ABOUT if name in fields)
        record.about = f" [{about}]" if about else ""
        return _one_line(super().formatMessage(record))


class _Json(logging.Formatter):
    def __init__(self, part: str, context: Context) -> None:
        super().__init__()
        self._part, self._context = part, context

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        at = datetime.fromtimestamp(record.created, UTC)
        more = {**self._context(), **_own(record)}
        return _line(at, record.levelname.lower(), self._part, message, logger=record.name, **more)


def _own(record: logging.LogRecord) -> dict[str, str]:
    """The ids that the line names by itself."""
    return {name: found for name in _NAMED if (found := getattr(record, name, ""))}
