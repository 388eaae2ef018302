"""A file of a bank's transactions, and the refusal of lines that cannot be read."""

import csv
import io
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from app.messages import importing as messages
from domain.accounts import ACCOUNTS, RecordEntry, decide
from domain.errors import InvalidAccountId, InvalidInput
from domain.identifiers import AccountId, parse_account_id

_XZ: Final = b"\xfd7zXZ\x00"


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that the bank booked, with the command that books it here.

    `line` is its first line in the file, counted from 1; `reference` names it for people. `balance` is the bank's
    balance after it, None if the file does not have one.
    """

    command: RecordEntry
    line: int
    reference: str
    balance: int | None = None


class Malformed(Exception):
    """The whole file is refused. The message names the file, the line, the column, the reason and what to do."""


class Line(msgspec.Struct, frozen=True):
    """A record of a file. `number` is its first line, counted from 1; `fields` are by column name."""

    file: Path
    number: int
    fields: dict[str, str]

    def account_id(self, column: str) -> AccountId:
        """Raises Malformed."""
        try:
            return parse_account_id(self.fields[column])
        except InvalidAccountId as error:
            raise self.malformed(column, str(error).removesuffix(".")) from None

    def malformed(self, column: str, reason: str) -> Malformed:
        at = list(self.fields).index(column) + 1
        return _malformed(self.file, messages.named_column(self.number, at, column), reason)


def text_of(file: Path, encoding: str) -> str:
    """The file's text, unpacked if it is compressed with xz. Raises OSError, Malformed."""
    packed = file.read_bytes()
    try:
        raw = lzma.decompress(packed) if packed.startswith(_XZ) else packed
    except lzma.LZMAError as error:
        raise Malformed(messages.file_damaged(str(file), str(error))) from error
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        *before, line = raw[: error.start].split(b"\n")
        place = messages.column(len(before) + 1, len(line) + 1)
        raise _malformed(file, place, messages.not_text(encoding.removesuffix("-sig").upper())) from None


def lines_of(file: Path, text: str, *, delimiter: str, columns: Sequence[str]) -> Iterator[Line]:
    """Raises Malformed if the header, or the number of columns of a line, is wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = delimiter.join(columns)
    number = 1
    try:
        if next(reader, None) != list(columns):
            raise _malformed(file, messages.column(1, 1), messages.wrong_header(header))
        number = reader.line_num + 1
        for fields in reader:
            if fields and len(fields) != len(columns):
                at = min(len(fields), len(columns)) + 1
                reason = messages.wrong_number_of_columns(len(fields), len(columns), header)
                raise _malformed(file, messages.column(number, at), reason)
            if fields:
                yield Line(file, number, dict(zip(columns, fields, strict=True)))
            number = reader.line_num + 1
    except csv.Error as error:
        raise _malformed(file, messages.column(number, 1), str(error)) from None


def checked(command: RecordEntry, line: Line, columns: dict[str, str]) -> RecordEntry:
    """`command`, if the domain accepts it. `columns` are the file's names of the fields that the domain checks."""
    try:
        decide(command, ACCOUNTS.initial)
    except InvalidInput as error:
        raise line.malformed(columns[error.field], str(error).removesuffix(".")) from None
    return command


def _malformed(file: Path, place: str, reason: str) -> Malformed:
    return Malformed(messages.malformed(str(file), place, reason))
