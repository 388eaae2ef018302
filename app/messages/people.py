"""What `daybook user` says: the list to review when wording changes. See app.messages.verbs."""

from typing import Final

NO_ENTRIES: Final = "Nothing is booked on the accounts of this person."

DRY_RUN: Final = "Nothing was recorded: this was a dry run."


def changed(user_id: str, position: int) -> str:
    return f"Done: {user_id}, recorded as #{position}."


def found(number: int) -> str:
    return f"{number} found."
