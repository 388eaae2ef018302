"""Refusals, each named for the rule it protects. `web` maps them to HTTP in one table.

DomainError
├── InvalidInput             the request makes no sense, whatever the state
│   ├── InvalidAmount
│   ├── InvalidLimit
│   ├── InvalidAccountId
│   ├── InvalidUserId
│   ├── InvalidNote
│   ├── InvalidReference
│   ├── InvalidValueDate
│   ├── InvalidExpiry
│   ├── InvalidName
│   ├── InvalidEmail
│   ├── InvalidPhone
│   ├── NothingToChange
│   ├── SameAccount          a transfer is between two accounts
│   └── UnknownCurrency
├── CommandRefused           one effect per command id
│   ├── CommandReused        the id was used for something else
│   └── CommandTooOld        the id left the window in which a retry can be answered
├── AccountRefused           rules of accounts: see domain.accounts.errors
├── UserRefused              rules about people: see domain.users.errors
├── TransferDenied           rules about transfers: see domain.transfers.errors
└── ImportDenied             rules about imports: see domain.imports.errors

ImpossibleHistory            not a refusal: the stream holds an event that no decision could have led to
"""


class DomainError(Exception):
    """A refusal. `str(error)` says what was wrong and what to do, in plain words."""


class InvalidInput(DomainError):
    """`field` is the input at fault."""

    field = ""


class InvalidAmount(InvalidInput):
    field = "amount"


class InvalidLimit(InvalidInput):
    field = "limit"


class InvalidAccountId(InvalidInput):
    field = "account_id"


class InvalidUserId(InvalidInput):
    field = "user_id"


class InvalidNote(InvalidInput):
    field = "note"


class InvalidReference(InvalidInput):
    field = "reference"


class InvalidValueDate(InvalidInput):
    field = "value_date"


class InvalidExpiry(InvalidInput):
    field = "expires"


class InvalidName(InvalidInput):
    field = "name"


class InvalidEmail(InvalidInput):
    field = "email"


class InvalidPhone(InvalidInput):
    field = "phone"


class NothingToChange(InvalidInput):
    field = "name"


class SameAccount(InvalidInput):
    field = "to"


class UnknownCurrency(InvalidInput):
    field = "currency"


class CommandRefused(DomainError):
    pass


class CommandReused(CommandRefused):
    pass


class CommandTooOld(CommandRefused):
    pass


class ImpossibleHistory(Exception):
    pass
