"""Types of fields of import events, with what they mean: for the catalogue, at no cost when an event is read.

`unit` is of the JSON Schema.
"""

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from domain.imports import report

_COUNTED: Final = {"unit": "accounts while looking-up, else lines"}

Work = Literal["reading", "looking-up", "checking", "booking"]
"""What an import does at the moment."""

Id = Annotated[UUID, msgspec.Meta(description="the id of the import")]
File = Annotated[str, msgspec.Meta(description="the name of the bank's file")]
Digest = Annotated[str, msgspec.Meta(description="the SHA-256 of the file's bytes, as hexadecimal digits")]
Format = Annotated[str, msgspec.Meta(description="how the file is read: csv or berka")]
Currency = Annotated[str, msgspec.Meta(description="ISO 4217 code of the file's currency")]
OnlyCheck = Annotated[bool, msgspec.Meta(description="nothing is booked; the report says what would be")]
BookSimilar = Annotated[
    bool, msgspec.Meta(description="lines that resemble an entry of an earlier import are booked too")
]
AllNew = Annotated[
    bool, msgspec.Meta(description="every line is booked once, also if the log already has one like it")
]
ShortenNotes = Annotated[bool, msgspec.Meta(description="notes that are too long are cut")]
StartedBy = Annotated[
    UUID, msgspec.Meta(description="the id of the command's effect: UUIDv5 of command id and import id")
]
Run = Annotated[UUID, msgspec.Meta(description="the start to which this belongs: its `started_by`")]
Doing = Annotated[Work, msgspec.Meta(description="what the import does at the moment")]
Done = Annotated[int, msgspec.Meta(description="how many of them are done", extra_json_schema=_COUNTED)]
Of = Annotated[int, msgspec.Meta(description="how many there are", extra_json_schema=_COUNTED)]
TheReport = Annotated[report.Report, msgspec.Meta(description="its figures, and what people have to look at")]
Reason = Annotated[str, msgspec.Meta(description="why it ended, in sentences; it may have several lines")]
