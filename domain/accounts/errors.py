"""Refusals of an account's rules.

AccountRefused
├── UnknownAccount           the account does not exist
├── AccountAlreadyExists     another command opened it
├── CurrencyMismatch         an account has one currency
├── InsufficientFunds        a withdrawal never overdraws
└── BalanceOutOfRange        |balance| stays below 2^53 minor units
"""

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
