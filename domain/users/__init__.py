"""A person who holds accounts. Read it in this order:

events       what has happened
commands     what may be asked for
states       Unknown | Known | Deleted
standing     follow(standing, event) -> standing: whether an event can be the next one
decisions    decide(command, state) -> events, or a refusal
evolution    evolve(state, event) -> state
errors       the refusals
messages     their sentences
personal     what a name, an e-mail address and a phone number may be, before they are sealed

Name, e-mail address and phone number are sealed with the person's own key before they come here: commands, events and
states never hold them as plain text. Sealing is the same for every try of a command, so that a repeated one is
recognised.

An account is added to its holder before it is opened, and removed after it was closed. So the person's own stream
decides whether somebody may be deleted.
"""

from typing import Final

from domain.decider import Decider
from domain.users.commands import AddAccount, CreateUser, DeleteUser, RemoveAccount, UpdateUser, UserCommand
from domain.users.decisions import decide
from domain.users.errors import (
    AccountNotHeld,
    HasOpenAccounts,
    UnknownUser,
    UserAlreadyExists,
    UserIdRetired,
    UserRefused,
)
from domain.users.events import (
    AccountAdded,
    AccountRemoved,
    UserCreated,
    UserDeleted,
    UserEvent,
    UserUpdated,
)
from domain.users.evolution import evolve
from domain.users.standing import Standing, follow
from domain.users.states import Deleted, Known, Unknown, User

__all__ = [
    "USERS",
    "AccountAdded",
    "AccountNotHeld",
    "AccountRemoved",
    "AddAccount",
    "CreateUser",
    "DeleteUser",
    "Deleted",
    "HasOpenAccounts",
    "Known",
    "RemoveAccount",
    "Standing",
    "Unknown",
    "UnknownUser",
    "UpdateUser",
    "User",
    "UserAlreadyExists",
    "UserCommand",
    "UserCreated",
    "UserDeleted",
    "UserEvent",
    "UserIdRetired",
    "UserRefused",
    "UserUpdated",
    "decide",
    "evolve",
    "follow",
]

USERS: Final[Decider[UserCommand, User, UserEvent]] = Decider(
    category="user", initial=Unknown(), decide=decide, evolve=evolve, standing=Standing, follow=follow
)
