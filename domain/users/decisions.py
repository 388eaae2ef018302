"""The decisions: one function for each command, after the one that dispatches."""

from typing import Any, Final, assert_never

import msgspec

from domain.accounts.errors import AccountAlreadyExists
from domain.errors import CommandReused, CommandTooOld, NothingToChange
from domain.messages import account_already_exists
from domain.money import exponent
from domain.users import messages
from domain.users.commands import AddAccount, CreateUser, DeleteUser, RemoveAccount, UpdateUser, UserCommand
from domain.users.errors import AccountNotHeld, HasOpenAccounts, UnknownUser, UserAlreadyExists, UserIdRetired
from domain.users.events import AccountAdded, AccountRemoved, UserCreated, UserDeleted, UserEvent, UserUpdated
from domain.users.standing import Standing
from domain.users.states import Deleted, Known, Unknown, User

MOST_NAMED: Final = 5
"""How many accounts a refusal names."""


def decide(command: UserCommand, state: User) -> tuple[UserEvent, ...]:
    """The command's events, none if it was decided before. Raises a DomainError if a rule refuses the command."""
    event = _event_of(command)
    if not isinstance(state, Unknown) and _was_decided(command, event, state):
        return ()
    match command:
        case CreateUser():
            _check_new(command, state)
        case UpdateUser():
            _standing(command, state)
        case DeleteUser():
            _check_nothing_held(command, _standing(command, state))
        case AddAccount():
            _check_not_held(command, _standing(command, state))
        case RemoveAccount():
            _check_held(command, _standing(command, state))
        case _:
            assert_never(command)
    return (event,)


def _event_of(command: UserCommand) -> UserEvent:
    """What the command leads to: it does not depend on the state, only whether it may does. Raises InvalidInput."""
    match command:
        case CreateUser():
            return UserCreated(**_fields(command))
        case UpdateUser():
            if {command.name, command.email, command.phone} == {msgspec.UNSET}:
                raise NothingToChange(messages.NOTHING_TO_CHANGE)
            return UserUpdated(**_fields(command))
        case DeleteUser():
            return UserDeleted(**_fields(command))
        case AddAccount():
            exponent(command.currency)
            return AccountAdded(**_fields(command))
        case RemoveAccount():
            return AccountRemoved(**_fields(command))
        case _:
            assert_never(command)


def _fields(command: UserCommand) -> dict[str, Any]:
    fields = msgspec.structs.asdict(command)
    del fields["command_id"]
    return {**fields, "effect_id": command.effect_id}


def _was_decided(command: UserCommand, event: UserEvent, state: Known | Deleted) -> bool:
    """Raises CommandReused, CommandTooOld."""
    before = state.effects.recent.get(command.effect_id)
    if before is not None and before != event:
        raise CommandReused(messages.command_reused(str(command.command_id), command.user_id))
    if before is None and command.effect_id in state.effects:
        raise CommandTooOld(messages.command_too_old(str(command.command_id), command.user_id))
    return before is not None


def _standing(command: UserCommand, state: User) -> Standing:
    """Raises UnknownUser."""
    match state:
        case Unknown():
            raise UnknownUser(messages.unknown_user(command.user_id))
        case Deleted():
            raise UnknownUser(messages.user_is_deleted(command.user_id))
        case Known():
            return state.standing
        case _:
            assert_never(state)


def _check_new(command: CreateUser, state: User) -> None:
    match state:
        case Unknown():
            pass
        case Known():
            raise UserAlreadyExists(messages.user_already_exists(command.user_id))
        case Deleted():
            raise UserIdRetired(messages.user_id_retired(command.user_id))
        case _:
            assert_never(state)


def _check_nothing_held(command: DeleteUser, standing: Standing) -> None:
    if standing.accounts:
        named = standing.accounts[:MOST_NAMED]
        others = len(standing.accounts) - len(named)
        raise HasOpenAccounts(messages.has_open_accounts(command.user_id, named, others))


def _check_not_held(command: AddAccount, standing: Standing) -> None:
    if command.account_id in standing.accounts:
        raise AccountAlreadyExists(account_already_exists(command.account_id))


def _check_held(command: RemoveAccount, standing: Standing) -> None:
    if command.account_id not in standing.accounts:
        raise AccountNotHeld(messages.account_not_held(command.account_id, command.user_id))
