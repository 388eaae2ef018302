"""What a transfer can be. The standing has the request, and what the accounts have answered."""

from typing import final
from uuid import UUID

import msgspec

from domain.transfers.standing import Standing


@final
class Unrequested(msgspec.Struct, frozen=True):
    pass


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer that was requested."""

    transfer_id: UUID
    standing: Standing


@final
class Requested(Existing, frozen=True, kw_only=True):
    """The paying account has not answered yet."""


@final
class Debited(Existing, frozen=True, kw_only=True):
    """The money is on its way; the other account has not answered yet."""


@final
class Declined(Existing, frozen=True, kw_only=True):
    """The other account did not take the money, and it is not back yet."""


@final
class Credited(Existing, frozen=True, kw_only=True):
    """The money has arrived. In the log, this and completion are one append."""


@final
class Completed(Existing, frozen=True, kw_only=True):
    """The money has arrived."""


@final
class Refused(Existing, frozen=True, kw_only=True):
    """No money was moved."""


@final
class Refunded(Existing, frozen=True, kw_only=True):
    """The money is back."""


Transfer = Unrequested | Requested | Debited | Declined | Credited | Completed | Refused | Refunded
