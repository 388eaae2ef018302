"""What has happened to a transfer. The amount is in minor units of `currency`, that of the account that pays."""

from typing import final
from uuid import UUID, uuid5

import msgspec

from domain import messages
from domain.accounts.fields import Amount, Currency, DeclineReason, Note, Reference, ValueDate
from domain.identifiers import parse_account_id
from domain.money import LIMIT, exponent
from domain.transfers import fields


class _TransferEvent(msgspec.Struct, frozen=True, kw_only=True):
    transfer_id: fields.Id

    @property
    def aggregate_id(self) -> str:
        return str(self.transfer_id)


@final
class TransferRequested(_TransferEvent, frozen=True, kw_only=True):
    """A transfer was asked for. No money has moved yet."""

    from_account: fields.From = msgspec.field(name="from")
    to_account: fields.To = msgspec.field(name="to")
    amount: Amount
    currency: Currency
    value_date: ValueDate
    note: Note = ""
    reference: Reference = ""
    requested_by: fields.RequestedBy
    only_at: fields.OnlyAt = None
    reverses: fields.Reverses = None

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        parse_account_id(self.from_account)
        parse_account_id(self.to_account)
        exponent(self.currency)
        if not 0 < self.amount < LIMIT:
            raise ValueError(messages.OUT_OF_RANGE)

    @property
    def effect_id(self) -> UUID:
        return self.requested_by


class _Debit(_TransferEvent, frozen=True, kw_only=True):
    @property
    def effect_id(self) -> UUID:
        return uuid5(self.transfer_id, "debit")


class _Credit(_TransferEvent, frozen=True, kw_only=True):
    @property
    def effect_id(self) -> UUID:
        return uuid5(self.transfer_id, "credit")


@final
class TransferDebited(_Debit, frozen=True, kw_only=True):
    """The paying account has sent the money, which is on its way now."""

    entry_id: fields.LegId


@final
class TransferRefused(_Debit, frozen=True, kw_only=True):
    """The paying account did not send the money. The transfer has ended, and nothing was moved."""

    reason: DeclineReason


@final
class TransferCredited(_Credit, frozen=True, kw_only=True):
    """The other account has received the money."""

    entry_id: fields.LegId


@final
class TransferCompleted(_Credit, frozen=True, kw_only=True):
    """The transfer has ended, and the money has arrived."""


@final
class CreditDeclined(_Credit, frozen=True, kw_only=True):
    """The other account did not take the money, which has to go back."""

    reason: DeclineReason


@final
class TransferRefunded(_TransferEvent, frozen=True, kw_only=True):
    """The paying account has its money back. The transfer has ended."""

    entry_id: fields.LegId

    @property
    def effect_id(self) -> UUID:
        return uuid5(self.transfer_id, "refund")


TransferEvent = (
    TransferRequested
    | TransferDebited
    | TransferRefused
    | TransferCredited
    | TransferCompleted
    | CreditDeclined
    | TransferRefunded
)
