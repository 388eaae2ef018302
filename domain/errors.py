"""Refusals, each named for the rule it protects. `web` maps them to HTTP in one table.

DomainError
├── InvalidInput             what was asked makes no sense, whatever the state
│   ├── InvalidAmount
│   ├── InvalidAccountId
│   ├── InvalidUserId
│   ├── InvalidNote
│   └── UnknownCurrency
├── UnknownAccount           no such account
├── AccountAlreadyExists     another command opened it
├── CurrencyMismatch         an account has one currency
├── InsufficientFunds        a withdrawal never overdraws
├── BalanceOutOfRange        |balance| stays below 2^53 minor units
└── CommandRefused           one effect per command id
    ├── CommandReused        the id was used for something else
    └── CommandTooOld        the id left the window in which a retry can be answered

ImpossibleHistory            not a refusal: the stream holds what no decision could have written
"""


class DomainError(Exception):
    """A refusal. `str(error)` says what was wrong and what to do, in plain words."""


class InvalidInput(DomainError):
    """`field` is the input at fault."""

    field = ""


class InvalidAmount(InvalidInput):
    field = "amount"


class InvalidAccountId(InvalidInput):
    field = "account_id"


class InvalidUserId(InvalidInput):
    field = "user_id"


class InvalidNote(InvalidInput):
    field = "note"


class UnknownCurrency(InvalidInput):
    field = "currency"


class UnknownAccount(DomainError):
    pass


class AccountAlreadyExists(DomainError):
    pass


class CurrencyMismatch(DomainError):
    pass


class InsufficientFunds(DomainError):
    pass


class BalanceOutOfRange(DomainError):
    pass


class CommandRefused(DomainError):
    pass


class CommandReused(CommandRefused):
    pass


class CommandTooOld(CommandRefused):
    pass


class ImpossibleHistory(Exception):
    pass
