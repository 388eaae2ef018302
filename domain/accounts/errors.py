"""Refusals of an account's rules.

AccountRefused
├── UnknownAccount           the account does not exist
├── AccountAlreadyExists     another command opened it
├── CurrencyMismatch         an account has one currency
├── InsufficientFunds        nothing takes more than what is available
├── BalanceOutOfRange        |balance|, and the sum of holds, stay below 2^53 minor units
├── AccountIsFrozen          nothing is paid in, paid out or held; freezing again, closing
├── AccountNotFrozen         only a frozen account is unfrozen
├── AccountIsClosed          nothing happens on it any more
├── AccountNotEmpty          only an account with nothing on it is closed
├── UnknownEntry             the account has no such entry
├── EntryAlreadyReversed     an entry is undone once
├── EntryOfTransfer          a transfer is undone as a whole, by another transfer
└── HoldRefused
    ├── UnknownHold          the account has no such hold, or it has ended
    ├── HoldIsOver           its time has passed
    ├── HoldNotOver          its time has not passed yet
    ├── HoldTooSmall         a capture takes at most what the hold set aside
    └── TooManyHolds         an account has a bounded number of holds
"""

from uuid import UUID

from domain.errors import DomainError


class AccountRefused(DomainError):
    pass


class UnknownAccount(AccountRefused):
    pass


class AccountAlreadyExists(AccountRefused):
    pass


class CurrencyMismatch(AccountRefused):
    pass


class InsufficientFunds(AccountRefused):
    pass


class BalanceOutOfRange(AccountRefused):
    pass


class AccountIsFrozen(AccountRefused):
    pass


class AccountNotFrozen(AccountRefused):
    pass


class AccountIsClosed(AccountRefused):
    pass


class AccountNotEmpty(AccountRefused):
    pass


class UnknownEntry(AccountRefused):
    pass


class EntryAlreadyReversed(AccountRefused):
    pass


class EntryOfTransfer(AccountRefused):
    def __init__(self, message: str, transfer_id: UUID) -> None:
        super().__init__(message)
        self.transfer_id = transfer_id


class HoldRefused(AccountRefused):
    pass


class UnknownHold(HoldRefused):
    pass


class HoldIsOver(HoldRefused):
    pass


class HoldNotOver(HoldRefused):
    pass


class HoldTooSmall(HoldRefused):
    pass


class TooManyHolds(HoldRefused):
    pass
