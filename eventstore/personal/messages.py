"""Every sentence about keys of personal data that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from typing import Final

# People and what is sealed for them.


def key_destroyed(user_id: str) -> str:
    return f"The person {user_id} was deleted. An id is not used again: choose another one."


def unsealable(field: str, user_id: str) -> str:
    return f"The {field} of {user_id} cannot be opened with the key that is there."


# Keys in a file.


def file_unusable(file: str, reason: str) -> str:
    """`reason` is what the operating system or SQLite says."""
    return f"The keys of personal data in {file} cannot be used: {reason}. Give Daybook the right to read and write it."


def file_damaged(file: str) -> str:
    return f"The keys of personal data in {file} are damaged: stop Daybook and restore the file from its newest copy."


def not_a_file_of_keys(file: str) -> str:
    return (
        f"{file} was not made by this Daybook to keep keys of personal data: move it away, or restore a copy."
    )


def file_busy(file: str, seconds: float) -> str:
    return f"Other processes kept {file} busy for {seconds:g} s: try again."


def copy_not_made(copy: str, reason: str) -> str:
    return f"The copy {copy} could not be made: {reason}. Name a file that does not exist yet, in a folder that exists."


# Keys on a server. The sentences about its settings say what to change there.

SERVER_SILENT: Final = "The server of the keys of personal data (DAYBOOK_KEYS_URL) does not answer."
SIGN_IN_REFUSED: Final = (
    "The server of the keys does not accept the user name or the password, or asks for one. "
    "Give them in DAYBOOK_KEYS_URL: redis://user:password@host:6379."
)
NO_RIGHT: Final = (
    "The user in DAYBOOK_KEYS_URL has no right to a command that Daybook needs. "
    "docs/operations.md lists the rights."
)
SERVER_OF_THE_READ_MODELS: Final = (
    "DAYBOOK_KEYS_URL is the server of the read models: keys of personal data need a server of their own."
)
HAS_REPLICAS: Final = (
    "The server of the keys has replicas, or is one. Their files would hold keys that were destroyed: let "
    "DAYBOOK_KEYS_URL name a single server, and copy it as docs/operations.md says."
)
REWRITE_FAILED: Final = (
    "A key was destroyed, but the server of the keys could not write its append-only file again, so the file still "
    "holds the key. See the server's log, and whether its disk is full."
)


def wrong_option(option: str, value: str, needed: str) -> str:
    return f"The server of the keys has {option} {value or '(empty)'}: set it to {needed or '(empty)'}, then try again."


def server_refuses(code: str) -> str:
    """`code` is the first word of what the server says."""
    return f"The server of the keys refuses a request ({code}). Its log and docs/operations.md say more."


def rewrite_not_finished(seconds: float) -> str:
    return (
        "A key was destroyed, but the server of the keys did not write its append-only file again "
        f"within {seconds:g} s, so the file may still hold the key: delete the person again."
    )
