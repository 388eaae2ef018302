"""What is asked of an account. Time and ids arrive in the command.

`booked_on` is the day of the command, and the value date unless another one is given.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import final
from uuid import UUID, uuid5

import msgspec

from domain.accounts.events import Entry
from domain.accounts.fields import Decline
from domain.identifiers import AccountId, UserId
from domain.money import Amount


@lru_cache(maxsize=1 << 12)
def effect_of(command_id: UUID, account_id: AccountId) -> UUID:
    """The id of a command's effect on an account. One command id has another effect id on each account.

    It is kept, because a command is asked for it up to seven times on its way into the log.
    """
    return uuid5(command_id, account_id)


class _AccountCommand(msgspec.Struct, frozen=True, kw_only=True):
    account_id: AccountId
    command_id: UUID

    @property
    def aggregate_id(self) -> str:
        return self.account_id

    @property
    def effect_id(self) -> UUID:
        return effect_of(self.command_id, self.account_id)


@final
class CreateAccount(_AccountCommand, frozen=True, kw_only=True):
    currency: str
    holder: UserId | None = None


class EntryCommand(_AccountCommand, frozen=True, kw_only=True):
    booked_on: date
    value_date: date | None = None
    note: str = ""
    reference: str = ""


@final
class Deposit(EntryCommand, frozen=True, kw_only=True):
    """`currency` None means the account's own.

    A deposit to an account that does not exist opens it: in `currency`, or in `opens_in` if none is given.
    """

    amount: Amount
    currency: str | None = None
    opens_in: str


@final
class Withdraw(EntryCommand, frozen=True, kw_only=True):
    """`currency` None means the account's own."""

    amount: Amount
    currency: str | None = None


@final
class RecordEntry(EntryCommand, frozen=True, kw_only=True):
    """An entry that already happened elsewhere, for example a line of a bank statement.

    `amount` is in minor units of `currency` and has a sign. It is a fact, so it is never refused because funds are
    missing, and it opens the account that it names.
    """

    amount: int
    currency: str


@final
class ReverseEntry(_AccountCommand, frozen=True, kw_only=True):
    """`entry` is the entry `entry_id` as the account's stream holds it; None: the account has no such entry.

    An entry never changes, so it can be looked up before the decision.
    """

    entry_id: UUID
    entry: Entry | None = None
    booked_on: date


class LegCommand(_AccountCommand, frozen=True, kw_only=True):
    """One account's part in a transfer. `amount` is in minor units of `currency`; `other` is at the other end.

    What the account's rules refuse leads to TransferDeclined. So the account answers once, whoever asks again, and
    when.
    """

    transfer_id: UUID
    other: AccountId
    amount: int
    currency: str
    value_date: date
    note: str = ""
    reference: str = ""

    @property
    def effect_id(self) -> UUID:
        """No other command's effect can have this id, whatever id its client chose: an account's id has no space."""
        return uuid5(self.command_id, f"transfer {self.account_id}")


@final
class SendMoney(LegCommand, frozen=True, kw_only=True):
    """`declined`: it is not to be sent any more, for this reason."""

    declined: Decline | None = None


@final
class ReceiveMoney(LegCommand, frozen=True, kw_only=True):
    pass


@final
class ReturnMoney(LegCommand, frozen=True, kw_only=True):
    """Take back what was sent. Also a frozen or closed account does."""


@final
class FreezeAccount(_AccountCommand, frozen=True, kw_only=True):
    pass


@final
class UnfreezeAccount(_AccountCommand, frozen=True, kw_only=True):
    pass


@final
class CloseAccount(_AccountCommand, frozen=True, kw_only=True):
    pass


@final
class SetOverdraftLimit(_AccountCommand, frozen=True, kw_only=True):
    limit: Amount


@final
class PlaceHold(_AccountCommand, frozen=True, kw_only=True):
    """`at` is the time of the command; both times are in UTC. Without `expires` the hold never ends by itself."""

    amount: Amount
    at: datetime
    expires: datetime | None = None


@final
class CaptureHold(_AccountCommand, frozen=True, kw_only=True):
    """`amount` None means all of it."""

    hold_id: UUID
    amount: Amount | None = None
    at: datetime
    booked_on: date


@final
class ReleaseHold(_AccountCommand, frozen=True, kw_only=True):
    hold_id: UUID


@final
class ExpireHold(_AccountCommand, frozen=True, kw_only=True):
    """For the reactor that watches the time: `at` is the time of the command."""

    hold_id: UUID
    at: datetime


EntryRequest = Deposit | Withdraw | RecordEntry
HoldCommand = PlaceHold | CaptureHold | ReleaseHold | ExpireHold
StandingCommand = FreezeAccount | UnfreezeAccount | CloseAccount | SetOverdraftLimit
TransferCommand = SendMoney | ReceiveMoney | ReturnMoney
AccountCommand = CreateAccount | EntryRequest | ReverseEntry | HoldCommand | StandingCommand | TransferCommand
