"""The values that `transfers` stores."""

from typing import Final

import msgspec

from domain.accounts import Decline
from domain.transfers import State

ENDS: Final[tuple[State, ...]] = ("completed", "refused", "refunded")
"""The states in which nothing more happens."""


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A transfer. `changed` is in 100 ns ticks since 1970 (UTC), `amount` in minor units of `currency`.

    `day` is the proleptic Gregorian ordinal of the value date. `debit`, `credit` and `refund` are ids of entries, and
    `reverses` is the id of a transfer; each is empty if there is none.
    """

    position: int
    revision: int
    changed: int
    state: State
    from_account: str
    to_account: str
    amount: int
    currency: str
    day: int
    note: str
    reference: str
    debit: bytes
    credit: bytes
    refund: bytes
    reason: Decline | None
    reverses: bytes


class Moment(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`recorded` is in 100 ns ticks since 1970 (UTC)."""

    position: int
    recorded: int


class UnderWay(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`amount` is in minor units of `currency`."""

    state: State
    amount: int
    currency: str


row_of: Final = msgspec.msgpack.Decoder(Row).decode
moment_of: Final = msgspec.msgpack.Decoder(Moment).decode
under_way_of: Final = msgspec.msgpack.Decoder(UnderWay).decode
