"""What may be asked of an import: to start, and to record how far it is and how it ended."""

from typing import final
from uuid import UUID, uuid5

import msgspec

from domain.imports.fields import Work
from domain.imports.report import Report


class _ImportCommand(msgspec.Struct, frozen=True, kw_only=True):
    import_id: UUID
    command_id: UUID

    @property
    def aggregate_id(self) -> str:
        return str(self.import_id)


@final
class StartImport(_ImportCommand, frozen=True, kw_only=True):
    """`takes_over`: start also if an earlier run has not ended; that one can record nothing more."""

    file: str
    digest: str
    format: str
    currency: str
    only_check: bool
    book_similar: bool = False
    all_new: bool = False
    shorten_notes: bool = False
    takes_over: bool = False

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.command_id, str(self.import_id))


@final
class RecordProgress(_ImportCommand, frozen=True, kw_only=True):
    run: UUID
    doing: Work
    done: int
    of: int

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.run, f"{self.doing} {self.done}")


@final
class EndImport(_ImportCommand, frozen=True, kw_only=True):
    """`result` is the report, or why there is none."""

    run: UUID
    result: Report | str

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.run, "end")


ImportCommand = StartImport | RecordProgress | EndImport
