"""Every sentence about people of the web process: the list to review when wording changes. See web.messages."""

from typing import Final

from web.messages import Explanation

# Problems.

UNKNOWN_USER: Final = Explanation("Nobody has this id", "See the list of people, or create the person first.")
USER_EXISTS: Final = Explanation("There is already a person with this id", "Choose another id.")
USER_ID_RETIRED: Final = Explanation("This id was that of somebody else", "Choose another id.")
OPEN_ACCOUNTS: Final = Explanation(
    "This person still holds accounts", "Close the accounts first; then the person can be deleted."
)
KEYS_UNAVAILABLE: Final = Explanation(
    "Personal data cannot be read or changed at the moment",
    "Nothing was lost. Try again in a moment; sent again, nothing is done twice.",
)
NAMES_UNAVAILABLE: Final = Explanation("The names of people are being read", "Try again in a moment.")

# The directory of names.

NAMES_NOT_READ: Final = "The names of people are not all read yet."
KEYS_NOT_HEARD: Final = "The keys of personal data do not answer, so it is not known who was deleted."
DIRECTORY_RESTARTS: Final = "The directory of names starts again after an error."
"""A traceback follows."""


def no_user(user_id: str) -> str:
    return f"There is nobody with the id {user_id}."


# Results of forms. The state of settling follows some of them.

CREATED: Final = "Created:"
CHANGED: Final = "Changed:"
DELETED: Final = (
    "The person was deleted. Nobody can read the name, the e-mail address or the phone number any more."
)
"""For the list of people, after the deletion."""
CONFIRM: Final = "To delete the person, tick the box."
