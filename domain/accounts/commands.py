"""What is asked of an account. Time and ids arrive in the command.

`booked_on` is the day of the command, and the value date unless another one is given.
"""

from datetime import date
from typing import final
from uuid import UUID, uuid5

import msgspec

from domain.identifiers import AccountId, UserId
from domain.money import Amount


class _AccountCommand(msgspec.Struct, frozen=True, kw_only=True):
    account_id: AccountId
    command_id: UUID

    @property
    def aggregate_id(self) -> str:
        return self.account_id

    @property
    def effect_id(self) -> UUID:
        """The id of this command's effect on this account. One command id has another effect id on each account."""
        return uuid5(self.command_id, self.account_id)


@final
class CreateAccount(_AccountCommand, frozen=True, kw_only=True):
    currency: str
    user_id: UserId | None = None


class EntryCommand(_AccountCommand, frozen=True, kw_only=True):
    booked_on: date
    value_date: date | None = None
    note: str = ""


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


AccountCommand = CreateAccount | Deposit | Withdraw | RecordEntry
