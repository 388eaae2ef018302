"""Types of fields of import events, with what they mean: for the catalogue, at no cost when an event is read."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from domain.imports import report

Work = Literal["looking-up", "checking", "booking"]
"""What an import is at."""

Id = Annotated[UUID, msgspec.Meta(description="the id of the import")]
File = Annotated[str, msgspec.Meta(description="the name of the bank's file")]
Digest = Annotated[str, msgspec.Meta(description="the SHA-256 of the file's bytes, as hexadecimal digits")]
Format = Annotated[str, msgspec.Meta(description="how the file is read: csv or berka")]
Currency = Annotated[str, msgspec.Meta(description="ISO 4217 code of the file's currency")]
OnlyCheck = Annotated[bool, msgspec.Meta(description="nothing is booked: it is only found out what would be")]
BookSimilar = Annotated[
    bool, msgspec.Meta(description="lines that resemble an entry of an earlier import are booked too")
]
AllNew = Annotated[
    bool, msgspec.Meta(description="every line is booked once, also those that the log has already")
]
ShortenNotes = Annotated[bool, msgspec.Meta(description="notes that are too long are cut")]
StartedBy = Annotated[
    UUID, msgspec.Meta(description="the id of the command's effect: UUIDv5 of command id and import id")
]
Run = Annotated[UUID, msgspec.Meta(description="which start this belongs to: its `started_by`")]
Doing = Annotated[Work, msgspec.Meta(description="what the import is at")]
Done = Annotated[
    int, msgspec.Meta(description="how many accounts were looked up, or lines checked or booked")
]
Of = Annotated[int, msgspec.Meta(description="how many there are")]
TheReport = Annotated[report.Report, msgspec.Meta(description="the figures and lists, for people to act on")]
Reason = Annotated[str, msgspec.Meta(description="why it ended, in sentences; it may have several lines")]
