"""What the next event of a person depends on, and whether an event can be that one.

This is the one rule for both sides: `evolve` applies it before a command is decided, the read side before an event is
shown.
"""

from typing import assert_never, final

import msgspec
from msgspec.structs import replace

from domain.errors import ImpossibleHistory
from domain.identifiers import AccountId
from domain.users import messages
from domain.users.events import (
    AccountAdded,
    AccountRemoved,
    HoldingEvent,
    UserCreated,
    UserDeleted,
    UserEvent,
    UserUpdated,
)


@final
class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A person who was created. `accounts` were added and not removed; `former` were closed, in the order of closing.

    Fields are only ever added at the end.
    """

    accounts: tuple[AccountId, ...] = ()
    former: tuple[AccountId, ...] = ()
    deleted: bool = False


def follow(standing: Standing | None, event: UserEvent) -> Standing:
    """The standing after `event`. None: nobody had this id.

    Raises ImpossibleHistory if no decision could have led to `event` here.
    """
    match event:
        case UserCreated():
            return _created(standing)
        case UserUpdated():
            return _known(standing)
        case UserDeleted():
            return _deleted(_known(standing))
        case AccountAdded():
            return _added(_known(standing), event)
        case AccountRemoved():
            return _removed(_known(standing), event)
        case _:
            assert_never(event)


def _known(standing: Standing | None) -> Standing:
    if standing is None:
        raise ImpossibleHistory(messages.NOT_CREATED_BEFORE)
    if standing.deleted:
        raise ImpossibleHistory(messages.DELETED_BEFORE)
    return standing


def _created(standing: Standing | None) -> Standing:
    if standing is not None:
        raise ImpossibleHistory(messages.CREATED_BEFORE)
    return Standing()


def _deleted(standing: Standing) -> Standing:
    if standing.accounts:
        raise ImpossibleHistory(messages.ACCOUNTS_LEFT)
    return replace(standing, deleted=True)


def _added(standing: Standing, event: AccountAdded) -> Standing:
    if event.account_id in standing.accounts:
        raise ImpossibleHistory(messages.held_before(event.account_id))
    return replace(standing, accounts=(*standing.accounts, event.account_id))


def _removed(standing: Standing, event: AccountRemoved) -> Standing:
    if event.account_id not in standing.accounts:
        raise ImpossibleHistory(messages.not_held_before(event.account_id))
    others = _without(standing.accounts, event)
    if event.reason == "not_opened":
        return replace(standing, accounts=others)
    return replace(standing, accounts=others, former=(*standing.former, event.account_id))


def _without(accounts: tuple[AccountId, ...], event: HoldingEvent) -> tuple[AccountId, ...]:
    return tuple(each for each in accounts if each != event.account_id)
