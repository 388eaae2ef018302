"""Log lines of the processes on standard error: text for a terminal, or JSON for a collector.

A JSON line has `time` (UTC), `level`, `part` (web, projector, node...), `message`, and during a request `request`,
`correlation`, `actor` and `route`, and `trace` and `span` if it is part of a trace. A line of text has only the
correlation id, in brackets. A line may also name one itself, with `extra={"correlation": ...}`. Whatever a message
holds, it is one line; in text a traceback follows it. Standard library only: the supervisor writes with it too.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

LEVELS: Final = ("debug", "info", "warning", "error")
FORMATS: Final = ("text", "json")

_CONTROLS: Final = {code: f"\\u{code:04x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
"""What could end a line, or command a terminal. JSON has these escapes too."""

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
    return json.dumps(fields, ensure_ascii=False).translate(_CONTROLS)


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
        correlation = {**self._context(), **_own(record)}.get("correlation")
        record.about = f" [{correlation}]" if correlation else ""
        return super().formatMessage(record).translate(_CONTROLS)


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
    """The correlation id that the line names by itself."""
    correlation = getattr(record, "correlation", "")
    return {"correlation": correlation} if correlation else {}
