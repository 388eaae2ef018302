"""What a person can be. `effects` holds what their commands led to."""

from typing import final

import msgspec

from domain.idempotency import Effects
from domain.users.events import UserEvent
from domain.users.standing import Standing


@final
class Unknown(msgspec.Struct, frozen=True):
    """Nobody has ever had this id."""


class _Existing(msgspec.Struct, frozen=True, kw_only=True):
    standing: Standing
    effects: Effects[UserEvent] = Effects()


@final
class Known(_Existing, frozen=True, kw_only=True):
    pass


@final
class Deleted(_Existing, frozen=True, kw_only=True):
    """The id is never used again."""


User = Unknown | Known | Deleted
