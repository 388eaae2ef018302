"""What an import can be. The standing has its file, and how far its newest run is; `starts` has all its starts."""

from typing import final
from uuid import UUID

import msgspec

from domain.idempotency import Effects
from domain.imports.events import ImportStarted
from domain.imports.standing import Standing


@final
class Unstarted(msgspec.Struct, frozen=True):
    pass


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """An import that was started."""

    import_id: UUID
    standing: Standing
    starts: Effects[ImportStarted] = Effects()


@final
class UnderWay(Existing, frozen=True, kw_only=True):
    """The file is being read, checked or booked."""


@final
class Checked(Existing, frozen=True, kw_only=True):
    """It is known what would be booked."""


@final
class Booked(Existing, frozen=True, kw_only=True):
    """What could be booked is booked."""


@final
class Failed(Existing, frozen=True, kw_only=True):
    """It ended early. It may start again."""


Import = Unstarted | UnderWay | Checked | Booked | Failed
