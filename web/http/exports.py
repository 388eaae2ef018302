"""Lists as files: all rows that match a list's filters, as CSV or JSON, written while they are read.

A file that is not complete does not look complete: when reading fails, the connection is closed before the end of the
answer. What fails before the first row is answered as usual.

CSV is RFC 4180 in UTF-8 with a header row. A program that opens it may take a text for a formula: one that begins with
a sign of _FORMULA, in any width, gets an apostrophe in front (OWASP ASVS 5.0, 1.2.10). Amounts are numbers, and stay as
they are.
"""

import csv
import io
import unicodedata
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from litestar.response import Stream

from web.http import requests

Rows = AsyncIterator[Sequence[msgspec.Struct]]
"""Answers, in parts, so that only a part is in memory."""
Format = Literal["csv", "json"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "json")
TOGETHER: Final = 500
"""Rows that are read at once."""

_MEDIA: Final[Mapping[Format, str]] = {
    "csv": "text/csv; header=present",
    "json": "application/json",
}
_AMOUNTS: Final = frozenset({"amount", "balance", "held", "available", "overdraft", "figure"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_encoder: Final = msgspec.json.Encoder()


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the list in the JSON document; `row` is the type of its rows, whose fields are the columns in CSV."""

    name: str
    row: type[msgspec.Struct]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(each.encode_name for each in msgspec.structs.fields(self.row))


async def answer(export: Export, form: Format, rows: Rows, file_name: str) -> Stream:
    """`file_name` has no ending. Raises what `rows` raises before its first part. A HEAD reads nothing after it."""
    first = await anext(rows, None)
    write = _csv if form == "csv" else _json
    return Stream(
        _nothing() if requests.is_head() else write(export, _all(first or (), rows)),
        media_type=_MEDIA[form],
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}.{form}"',
            "Cache-Control": "no-store",
        },
    )


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


async def _all(first: Sequence[msgspec.Struct], rest: Rows) -> Rows:
    yield first
    async for part in rest:
        yield part


async def _json(export: Export, rows: Rows) -> AsyncIterator[bytes]:
    """One document, with each row on its own line."""
    yield b'{"%s": [' % export.name.encode()
    before = b"\n"
    async for part in rows:
        if part:
            yield before + b",\n".join(map(_encoder.encode, part))
            before = b",\n"
    yield b"\n]}\n"


async def _csv(export: Export, rows: Rows) -> AsyncIterator[bytes]:
    columns = export.columns
    yield _lines([columns])
    async for part in rows:
        yield _lines(_cells(msgspec.to_builtins(row), columns) for row in part)


def _lines(rows: Iterable[Collection[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cells(row: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    return [_cell(row.get(column), is_amount=column in _AMOUNTS) for column in columns]


def _cell(value: Any, *, is_amount: bool) -> str:
    """An inner object has only its first field, the others being what it is about; lists are words."""
    match value:
        case None:
            return ""
        case str():
            return value if is_amount else harmless(value)
        case list() | tuple():
            return harmless(" ".join(value))
        case dict():
            return _cell(next(iter(value.values())), is_amount=False)
        case _:
            return str(value)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    first = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if first.startswith(_FORMULA) else text
