"""Refusals of the rules about people.

UserRefused
├── UnknownUser          nobody has this id: never created, or deleted
├── UserAlreadyExists    another command created the person
├── UserIdRetired        the id was that of somebody who was deleted
├── HasOpenAccounts      nobody with an open account is deleted
└── AccountNotHeld       only an account that was added is removed
"""

from domain.errors import DomainError


class UserRefused(DomainError):
    pass


class UnknownUser(UserRefused):
    pass


class UserAlreadyExists(UserRefused):
    pass


class UserIdRetired(UserRefused):
    pass


class HasOpenAccounts(UserRefused):
    pass


class AccountNotHeld(UserRefused):
    pass
