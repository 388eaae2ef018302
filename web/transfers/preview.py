"""What a transfer will do, before it is requested: the accounts as the log has them now."""

from typing import Final

import msgspec

from commands.transfers import TransferReceipt
from domain.accounts import Standing
from domain.accounts.checks import existing
from domain.identifiers import AccountId
from web import messages_on_transfers as messages
from web.services import Services


class Party(msgspec.Struct, frozen=True):
    """An account of a transfer."""

    account_id: AccountId
    standing: Standing


class Change(msgspec.Struct, frozen=True):
    """A figure of the paying account, in minor units."""

    label: str
    before: int
    after: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is in minor units of `currency`. `warning` says why the receiving account would decline it now."""

    payer: Party
    receiver: Party
    amount: int
    currency: str
    warning: str

    @property
    def changes(self) -> tuple[Change, ...]:
        figures: Final = (
            ("Balance", self.payer.standing.balance),
            ("Available", self.payer.standing.available),
        )
        return tuple(Change(label, before, before - self.amount) for label, before in figures)


async def party(services: Services, account_id: AccountId) -> Party:
    """Raises UnknownAccount, and as the log does."""
    state = existing(await services.accounts.state(account_id), account_id)
    return Party(account_id, state.standing)


async def of(services: Services, tried: TransferReceipt) -> Preview:
    """`tried` is the receipt of a dry run. Raises as `party` does."""
    return Preview(
        payer=await party(services, tried.from_account),
        receiver=await party(services, tried.to_account),
        amount=tried.amount,
        currency=tried.currency,
        warning=messages.would_decline(tried.to_account, tried.declined) if tried.declined else "",
    )
