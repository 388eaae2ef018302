"""What has happened to a person. Events are in the past tense, frozen and complete in themselves.

They are also valid by themselves: `__post_init__` refuses an event that no decision could have made, also when the log
is read. Text that is not sealed is refused, so that personal data never gets into the log by mistake.
"""

import re
from typing import Annotated, Final, Literal, final
from uuid import UUID

import msgspec

from domain.identifiers import AccountId, UserId, parse_account_id, parse_user_id
from domain.money import exponent
from domain.users import messages

_is_sealed: Final = re.compile(r"[0-9]{1,4}\.[A-Za-z0-9_-]{20,4000}", re.ASCII).fullmatch

Id = Annotated[UserId, msgspec.Meta(description="the id of the person")]
Account = Annotated[AccountId, msgspec.Meta(description="the id of the account")]
EffectId = Annotated[
    UUID, msgspec.Meta(description="the id of the command's effect: UUIDv5 of command id and user id")
]
Sealed = str
"""Text that was encrypted with the person's own key: base64url."""
Name = Annotated[Sealed, msgspec.Meta(description="the name, sealed with the person's own key")]
Email = Annotated[
    Sealed | None, msgspec.Meta(description="the e-mail address, sealed with the person's own key")
]
Phone = Annotated[
    Sealed | None, msgspec.Meta(description="the phone number, sealed with the person's own key")
]
Removal = Annotated[
    Literal["closed", "not_opened"],
    msgspec.Meta(description="whether the account was closed, or could not be opened"),
]


class _UserEvent(msgspec.Struct, frozen=True, kw_only=True):
    user_id: Id
    effect_id: EffectId

    def __post_init__(self) -> None:
        """Raises ValueError, DomainError."""
        parse_user_id(self.user_id)

    @property
    def aggregate_id(self) -> str:
        return self.user_id


@final
class UserCreated(_UserEvent, frozen=True, kw_only=True):
    """Somebody is known from now on."""

    name: Name
    email: Email = None
    phone: Phone = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sealed(self.name, self.email, self.phone)


@final
class UserUpdated(_UserEvent, frozen=True, kw_only=True):
    """Some of a person's data changed. A field that is left out stays as it was; null clears it."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    email: Email | msgspec.UnsetType = msgspec.UNSET
    phone: Phone | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sealed(self.name, self.email, self.phone)
        if {self.name, self.email, self.phone} == {msgspec.UNSET}:
            raise ValueError(messages.CHANGES_NOTHING)


@final
class UserDeleted(_UserEvent, frozen=True, kw_only=True):
    """The person was deleted. Their key is destroyed: nobody can read their name, e-mail address or phone any more."""


class _HoldingEvent(_UserEvent, frozen=True, kw_only=True):
    account_id: Account

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_account_id(self.account_id)


@final
class AccountAdded(_HoldingEvent, frozen=True, kw_only=True):
    """The person is about to get an account: what is here is enough to open it after a crash."""

    currency: Annotated[str, msgspec.Meta(description="ISO 4217 code of the account's currency")]
    opening: Annotated[UUID, msgspec.Meta(description="the id of the command that opens the account")]

    def __post_init__(self) -> None:
        super().__post_init__()
        exponent(self.currency)


@final
class AccountRemoved(_HoldingEvent, frozen=True, kw_only=True):
    """The person does not hold the account any more, or never got it."""

    reason: Removal


HoldingEvent = AccountAdded | AccountRemoved
UserEvent = UserCreated | UserUpdated | UserDeleted | HoldingEvent


def _check_sealed(*fields: str | msgspec.UnsetType | None) -> None:
    if any(isinstance(field, str) and not _is_sealed(field) for field in fields):
        raise ValueError(messages.NOT_SEALED)
