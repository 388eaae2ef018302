"""What has happened to the import of a bank's file. What it books is recorded on the accounts."""

from typing import final
from uuid import UUID, uuid5

import msgspec

from domain import messages
from domain.imports import fields
from domain.money import exponent


class _ImportEvent(msgspec.Struct, frozen=True, kw_only=True):
    import_id: fields.Id

    @property
    def aggregate_id(self) -> str:
        return str(self.import_id)


@final
class ImportStarted(_ImportEvent, frozen=True, kw_only=True):
    """A bank's file is being read, to be checked against the log or to be booked. An import may start again."""

    file: fields.File
    digest: fields.Digest
    format: fields.Format
    currency: fields.Currency
    only_check: fields.OnlyCheck
    book_similar: fields.BookSimilar = False
    all_new: fields.AllNew = False
    shorten_notes: fields.ShortenNotes = False
    started_by: fields.StartedBy

    def __post_init__(self) -> None:
        """Raises DomainError."""
        exponent(self.currency)

    @property
    def effect_id(self) -> UUID:
        return self.started_by


@final
class ImportProgressed(_ImportEvent, frozen=True, kw_only=True):
    """The import got so far. This is recorded at most once a second."""

    run: fields.Run
    doing: fields.Doing
    done: fields.Done
    of: fields.Of

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not 0 <= self.done <= self.of:
            raise ValueError(messages.OUT_OF_RANGE)

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.run, f"{self.doing} {self.done}")


class _End(_ImportEvent, frozen=True, kw_only=True):
    run: fields.Run

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.run, "end")


@final
class ImportChecked(_End, frozen=True, kw_only=True):
    """The file was compared with the log, and nothing was booked."""

    report: fields.TheReport


@final
class ImportBooked(_End, frozen=True, kw_only=True):
    """The lines of the file were booked, apart from those that the report names."""

    report: fields.TheReport


@final
class ImportFailed(_End, frozen=True, kw_only=True):
    """The import ended early. What was booked until then stays booked."""

    reason: fields.Reason


ImportEvent = ImportStarted | ImportProgressed | ImportChecked | ImportBooked | ImportFailed
