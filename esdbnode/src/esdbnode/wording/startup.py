"""The command line, and what keeps a node from starting. Read by the person who runs `esdbnode`."""

from typing import Final

ADD_USER: Final = "esdbnode add-user"

# The command line.


def bad_usage(program: str, problem: str) -> str:
    """`problem` is in argparse's words, or one of those below."""
    return f"{program}: {problem} (see {program} --help)."


def not_a_port(text: str) -> str:
    return f"{text!r} is not a port: use a number from 0 to 65535"


MEMORY_HAS_NO_FILE: Final = "A log in memory has no file: give --data with --backup or --verify."

# The address.


def cannot_listen(host: str, port: int, reason: str) -> str:
    return f"Cannot listen on {host}:{port}: {reason}. Give --port another number, or 0 for any free port."


def cannot_make_socket(file: str, reason: str) -> str:
    return f"Cannot listen on the socket {file}: {reason}. Give --socket another name, at most 100 characters long."


IN_USE: Final = "another program listens there"


def not_a_loopback_address(host: str) -> str:
    return (
        f"Without TLS and users, the node serves only this machine, and {host} is not a loopback address: "
        "use 127.0.0.1, or give --tls-cert, --tls-key and --users."
    )


# TLS.

CERTIFICATE_OR_KEY_MISSING: Final = (
    "A certificate needs its key, and a key its certificate: give both --tls-cert and --tls-key."
)
USERS_WITHOUT_TLS: Final = (
    "Without TLS, passwords would be sent in clear text: give --tls-cert and --tls-key with --users."
)


def cannot_read_pem(file: str, reason: str) -> str:
    return f"Cannot read {file}: {reason}. Give --tls-cert and --tls-key PEM files."


def not_a_certificate_and_its_key(certificate: str, key: str, reason: str) -> str:
    return (
        f"{certificate} and {key} are not a certificate and its key ({reason}). Give --tls-cert a PEM "
        "certificate and --tls-key its PEM key, without a passphrase."
    )


# The users file.


def cannot_read_users(file: str, reason: str) -> str:
    return f"Cannot read the users file {file}: {reason}. Create it with `{ADD_USER}`."


def cannot_write_users(file: str, reason: str) -> str:
    return f"Cannot write the users file {file}: {reason}."


def cannot_use_folder(folder: str, reason: str) -> str:
    return f"Cannot use the folder {folder}: {reason}."


def cannot_write_in_folder(folder: str, reason: str) -> str:
    return f"Cannot write in the folder {folder}: {reason}."


def no_users(file: str) -> str:
    return f"The users file {file} has no users. Add one with `{ADD_USER}`."


def users_damaged(file: str, problem: str) -> str:
    """`problem` is one of those below."""
    return (
        f"The users file {file} is damaged: {problem}. "
        f"Restore it, or delete it and add the users again with `{ADD_USER}`."
    )


def users_damaged_before_adding(file: str, problem: str) -> str:
    return (
        f"The users file {file} is damaged: {problem}. Restore it, or delete it to start with an empty one."
    )


NOT_JSON_OF_USERS: Final = 'it is not JSON of the form {"users": {...}}'


def user_without_hash(name: str) -> str:
    return f"the user {name!r} has no argon2id hash"


def groups_not_names(name: str) -> str:
    return f"the groups of the user {name!r} are not a list of names"


def earlier_users_stay(refusal: str) -> str:
    """`refusal` is one of those above."""
    return f"{refusal} Until then, the earlier users stay valid."


def users_readable_by_others(file: str) -> str:
    return f"Other users of this machine may read the users file {file}: run chmod 600 on it."


# A user to add.


def not_a_user_name(name: str) -> str:
    return f"{name!r} cannot be a user's name: use printable characters, no colon, and no $ at the beginning."


def not_a_group_name(group: str) -> str:
    return f"{group!r} cannot be a group's name: use printable characters."


PASSWORD_MISSING: Final = "A user needs a password: give it on standard input."  # noqa: S105
PASSWORD_NOT_UTF8: Final = "The password on standard input is not UTF-8."  # noqa: S105


def user_added(name: str, file: str) -> str:
    return f"Added the user {name} in {file}."


def user_changed(name: str, file: str) -> str:
    return f"Changed the user {name} in {file}."


# A node for tests.


def printed_nothing(seconds: float) -> str:
    return f"the node printed nothing within {seconds} s"


def not_started(output: str) -> str:
    return f"the node did not start: {output}"
