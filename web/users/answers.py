"""The API's answers about people."""

from typing import Any, Final, Self

import msgspec

from commands.users import UserReceipt
from web.accounts.answers import EntryAnswer, StoppedAnswer
from web.users.view import EntryOf, Shown


class ChangedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Read models that have reached `position` show the change. A dry run has `dry_run` instead of `position`."""

    user_id: str
    revision: int
    position: int | msgspec.UnsetType = msgspec.UNSET
    dry_run: bool | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, receipt: UserReceipt, *, dry_run: bool) -> Self:
        place: dict[str, Any] = {"dry_run": True} if dry_run else {"position": receipt.position}
        return cls(user_id=receipt.user_id, revision=receipt.revision, **place)


CHANGED_EXAMPLE: Final = ChangedAnswer(user_id="jana", revision=3, position=4711)
"""An example of an answer."""


class ListedUserAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`accounts` are held now, `former_accounts` were closed.

    `name`, `email` and `phone` are null if they are not known, or if the person's key was lost.
    """

    user_id: str
    name: str | None
    email: str | None
    phone: str | None
    accounts: list[str]
    former_accounts: list[str]
    revision: int
    position: int
    stopped: StoppedAnswer | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, shown: Shown) -> Self:
        person = shown.person
        stopped = person.stopped
        return cls(
            user_id=person.user_id,
            name=shown.name,
            email=shown.email,
            phone=shown.phone,
            accounts=list(person.accounts),
            former_accounts=list(person.former),
            revision=person.revision,
            position=person.position,
            stopped=StoppedAnswer(stopped.revision, stopped.reason) if stopped else msgspec.UNSET,
        )


class UserAnswer(ListedUserAnswer, frozen=True, kw_only=True):
    """`settling` says that the read models have not reached the requested position yet."""

    settling: bool


class UsersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    users: list[ListedUserAnswer]


class EntryOfUserAnswer(EntryAnswer, frozen=True, kw_only=True):
    account_id: str

    @classmethod
    def on(cls, found: EntryOf) -> Self:
        fields = msgspec.structs.asdict(EntryAnswer.of(found.entry))
        return cls(account_id=found.account_id, **fields)


class EntriesOfUserAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`before` continues the list; null at its end."""

    user_id: str
    entries: list[EntryOfUserAnswer]
    before: int | None
