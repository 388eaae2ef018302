"""Every sentence about people that a person can meet: the list to review when wording changes.

A message with placeholders is a function. None of them quotes personal data.
"""

from collections.abc import Collection
from typing import Final

# Input that makes no sense, whatever the state.


def not_a_name(longest: int) -> str:
    return f"A name is one line of 1 to {longest} characters, of which some can be seen."


def not_an_email(longest: int) -> str:
    return (
        f"This is not an e-mail address; write one of at most {longest} characters, "
        "for example anna@example.com."
    )


def not_a_phone_number(longest: int) -> str:
    return (
        f"This is not a phone number; write at most {longest} digits, spaces and + - ( ) ., "
        "for example +420 123 456 789."
    )


NOTHING_TO_CHANGE: Final = "Nothing was sent to change: send a name, an e-mail address or a phone number."

# Rules.


def unknown_user(user_id: str) -> str:
    return f"There is nobody with the id {user_id}; create the person first."


def user_is_deleted(user_id: str) -> str:
    return f"The person with the id {user_id} was deleted."


def user_already_exists(user_id: str) -> str:
    return f"There is already a person with the id {user_id}; choose another id."


def user_id_retired(user_id: str) -> str:
    return f"The id {user_id} was that of a person who was deleted; choose another id."


def has_open_accounts(user_id: str, accounts: Collection[str], others: int) -> str:
    """`accounts` are the first ones, `others` is how many there are in addition."""
    more = f" and {others} more" if others else ""
    return (
        f"The person with the id {user_id} cannot be deleted while accounts are open: "
        f"{', '.join(accounts)}{more}. Close them first."
    )


def account_not_held(account_id: str, user_id: str) -> str:
    return f"The person with the id {user_id} does not hold account {account_id}."


# One effect per command id.


def command_reused(command_id: str, user_id: str) -> str:
    return (
        f"Command id {command_id} was already used for something else on the person with the id {user_id}; "
        "use a new id."
    )


def command_too_old(command_id: str, user_id: str) -> str:
    return (
        f"Command id {command_id} was already used on the person with the id {user_id}, so long ago that it is not "
        "known any more for what. Nothing was changed now. Use a new id for a new change."
    )


# A log that no decisions could have made, for operators.

CREATED_BEFORE: Final = "the person was created before it"
NOT_CREATED_BEFORE: Final = "the person was not created before it"
DELETED_BEFORE: Final = "the person was deleted before it"
ACCOUNTS_LEFT: Final = "the person held an account before it"
CHANGES_NOTHING: Final = "it changes nothing"
NOT_SEALED: Final = "personal data that is not sealed"


def held_before(account_id: str) -> str:
    return f"the person held account {account_id} before it"


def not_held_before(account_id: str) -> str:
    return f"the person did not hold account {account_id} before it"
