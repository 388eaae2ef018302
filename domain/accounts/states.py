"""What an account can be. `effects` holds what its commands led to; the opening is `opened_by`."""

from typing import final
from uuid import UUID

import msgspec

from domain.accounts.events import AccountEvent
from domain.accounts.standing import Standing
from domain.idempotency import Effects, Fingerprints


@final
class Unopened(msgspec.Struct, frozen=True):
    pass


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """An account that was opened. `reversed` has the ids of the entries that were undone."""

    standing: Standing
    opened_by: UUID
    effects: Effects[AccountEvent] = Effects()
    reversed: Fingerprints = Fingerprints()


@final
class Open(Existing, frozen=True, kw_only=True):
    pass


@final
class Frozen(Existing, frozen=True, kw_only=True):
    """Nothing can be booked on it, except lines of a bank's statement."""


@final
class Closed(Existing, frozen=True, kw_only=True):
    """Nothing can be booked on it any more."""


Account = Unopened | Open | Frozen | Closed
