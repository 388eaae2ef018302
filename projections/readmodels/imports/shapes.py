"""The values that `imports` stores."""

from typing import Final

import msgspec

from domain.imports import State, Work
from domain.imports.report import Report


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`changed` is in 100 ns ticks since 1970 (UTC)."""

    position: int
    revision: int
    changed: int
    file: str
    digest: str
    format: str
    currency: str
    only_check: bool
    book_similar: bool
    all_new: bool
    shorten_notes: bool
    state: State
    doing: Work | None
    done: int
    of: int


class Start(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`recorded` is in 100 ns ticks since 1970 (UTC)."""

    position: int
    recorded: int
    actor: str


row_of: Final = msgspec.msgpack.Decoder(Row).decode
start_of: Final = msgspec.msgpack.Decoder(Start).decode
report_of: Final = msgspec.json.Decoder(Report).decode


def as_json(report: Report) -> str:
    return msgspec.json.encode(report).decode()
