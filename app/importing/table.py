"""The records of a CSV file, read as a stream. A bad line does not end the reading, so that all of them are named."""

import csv
import hashlib
import io
import lzma
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from app.importing.formats import LOOKS_AT, recognised
from app.messages import importing as messages

MOST_FAULTS: Final = 20
"""How many bad lines are named. The others are counted."""

_XZ: Final = b"\xfd7zXZ\x00"
_SHOWN: Final = 200
"""How many characters of a header a refusal quotes."""

T = TypeVar("T")


class Malformed(Exception):
    """The whole file is refused. The message says where it is wrong and what to do; nothing was booked."""


class Fault(Exception):
    """What is wrong with a record: a reason without a full stop. `column` is the wanted name of the column at fault."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


class Record(msgspec.Struct, frozen=True, gc=False):
    """`number` is its first line, counted from 1. `fields` are by wanted name; an optional column may be missing."""

    number: int
    fields: dict[str, str]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What a format asks of a file. Names of columns are compared without case and surrounding white space."""

    encoding: str
    delimiters: str
    required: Sequence[str]
    optional: Sequence[str] = ()


class Table:
    """A file in one layout; refusals call it `name`. Raises OSError, Malformed."""

    def __init__(self, file: Path, layout: Layout, name: str = "") -> None:
        self.digest, self.name = "", name or str(file)
        self._file, self._layout = file, layout
        self._faults: list[str] = []
        self._bad = self._doubtful = 0

    def read(self, make: Callable[[Record], T]) -> Iterator[T]:
        """What `make` makes of each record. It raises Fault for a bad one; then Malformed is raised at the end."""
        self.digest = _digest(self._file)
        for record in self._records():
            try:
                yield make(record)
            except Fault as fault:
                self._note(record.number, str(fault), fault.column)
        if self._bad > self._doubtful:
            raise Malformed(messages.malformed(self.name, self._faults, self._bad - len(self._faults)))

    def doubt(self, line: int, reason: str, column: str) -> None:
        """A line that is bad if there are bad ones at all."""
        self._doubtful += 1
        self._note(line, reason, column)

    def _note(self, line: int, reason: str, column: str = "") -> None:
        self._bad += 1
        if self._bad <= MOST_FAULTS:
            self._faults.append(fault_of(line, reason, column))

    def _records(self) -> Iterator[Record]:
        with _opened(self._file) as raw:
            try:
                self._check_kind(raw)
                with io.TextIOWrapper(raw, self._layout.encoding, newline="") as text:
                    yield from self._rows(text)
            except (lzma.LZMAError, EOFError) as error:
                raise Malformed(messages.file_damaged(self.name, str(error))) from None
            except UnicodeDecodeError:
                raise self._refused(self._undecodable()) from None

    def _rows(self, text: IO[str]) -> Iterator[Record]:
        first = text.readline()
        delimiter, columns = self._header(first)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        number = 2
        try:
            for fields in reader:
                if fields and len(fields) != len(columns):
                    self._note(number, messages.wrong_number_of_columns(len(fields), len(columns)))
                elif fields:
                    wanted = zip(columns, fields, strict=True)
                    yield Record(number, {name: field for name, field in wanted if name})
                number = reader.line_num + 2
        except csv.Error as error:
            raise self._refused(messages.fault(messages.line(number), str(error))) from None

    def _header(self, first: str) -> tuple[str, list[str]]:
        """The delimiter, and the wanted name of each column, "" if it is not wanted."""
        known = (*self._layout.required, *self._layout.optional)
        for delimiter in self._layout.delimiters:
            found = next(csv.reader([first], delimiter=delimiter), [])
            columns = [name if (name := cell.strip().casefold()) in known else "" for cell in found]
            if all(columns.count(name) == 1 for name in self._layout.required) and all(
                columns.count(name) <= 1 for name in self._layout.optional
            ):
                return delimiter, columns
        shown = first.strip()[:_SHOWN]
        wanted = self._layout.delimiters[0].join(self._layout.required)
        raise self._refused(messages.fault(messages.line(1), messages.wrong_header(shown, wanted)))

    def _check_kind(self, raw: IO[bytes]) -> None:
        beginning = raw.read(LOOKS_AT)
        raw.seek(0)
        kind = recognised(beginning)
        if kind is not None:
            raise Malformed(messages.other_format(self.name, kind))

    def _refused(self, fault: str) -> Malformed:
        return Malformed(messages.malformed(self.name, [*self._faults, fault], 0))

    def _undecodable(self) -> str:
        """The place of the first bytes that are not text."""
        with _opened(self._file) as raw:
            for number, line in enumerate(raw, 1):
                try:
                    line.decode(self._layout.encoding)
                except UnicodeDecodeError as error:
                    place = messages.column(number, error.start + 1)
                    break
        name = self._layout.encoding.removesuffix("-sig").upper()
        return messages.fault(place, messages.not_text(name))


def fault_of(line: int, reason: str, column: str = "") -> str:
    """A bad line as a refusal lists it."""
    place = messages.named_column(line, column) if column else messages.line(line)
    return messages.fault(place, reason)


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked if it is compressed with xz."""
    with file.open("rb") as plain:
        is_packed = plain.read(len(_XZ)) == _XZ
        plain.seek(0)
        if not is_packed:
            yield plain
            return
        with lzma.open(plain) as unpacked:
            yield unpacked


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
