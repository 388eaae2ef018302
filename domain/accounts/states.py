"""What an account can be. `effects` holds its entries; the opening is `opened_by`."""

from typing import final
from uuid import UUID

import msgspec

from domain.accounts.events import Entry
from domain.idempotency import Effects
from domain.identifiers import UserId


@final
class Unopened(msgspec.Struct, frozen=True):
    pass


@final
class Open(msgspec.Struct, frozen=True, kw_only=True):
    currency: str
    user_id: UserId | None
    opened_by: UUID
    balance: int = 0
    effects: Effects[Entry] = Effects()


Account = Unopened | Open
