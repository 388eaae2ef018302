"""Settings, the data folder, ports; the supervisor and the parts that it runs."""

from collections.abc import Collection
from typing import Final

from domain.quoting import quoted

# Settings. What is wrong with a value completes `invalid_setting`.

SET_BOTH_ADDRESSES: Final = (
    "set DAYBOOK_ESDB_URI and DAYBOOK_REDIS_URL; `daybook up` starts servers and sets both."
)
SET_ADDRESS_OF_LOG: Final = "set DAYBOOK_ESDB_URI; `daybook up` starts a log and sets it."


def invalid_setting(name: str, problem: str) -> str:
    return f"{name} is {problem}."


def not_a_host(value: str) -> str:
    return f"{quoted(value)}: give a host name or an IP address, without a scheme or path"


def not_a_whole_number(value: str, least: int, most: int) -> str:
    return f"{quoted(value)}: give a whole number from {least} to {most}"


def not_a_choice(value: str, choices: Collection[str]) -> str:
    return f"{quoted(value)}: choose from {', '.join(choices)}"


def not_a_timezone(value: str) -> str:
    return f"{quoted(value)}: give the IANA name of a time zone, for example Europe/Prague"


def not_an_address(beginnings: Collection[str]) -> str:
    """It does not show the value, because that may hold a password."""
    return f"not a valid address: it must begin with {' or '.join(beginnings)}"


def dotenv_unreadable(file: str, reason: str) -> str:
    return f"cannot read {file}: {reason}. Make it a UTF-8 text file that you can read."


def dotenv_line_sets_nothing(file: str, line: int) -> str:
    return f"{file}, line {line}: write NAME=VALUE, or # before a comment."


# The data folder, and the servers that use it.


def data_folder_unusable(folder: str, reason: str) -> str:
    return f"{_unusable(folder, reason)} Choose another folder with --data."


def data_folder_of_node_unusable(folder: str, reason: str) -> str:
    """In the node's own verb, `--data` names a file."""
    return f"{_unusable(folder, reason)} Name a file with --data."


def _unusable(folder: str, reason: str) -> str:
    return f"cannot use the data folder {folder}: {reason}."


def owned_by_another(path: str, owner: str) -> str:
    return (
        f"{path} belongs to the user {owner}, who could read and change what Daybook keeps there: "
        "run Daybook as that user, or choose another folder with --data."
    )


def writable_by_others(folder: str) -> str:
    return (
        f"every user of this machine can write in the data folder {folder}: "
        f"run `chmod o-w {folder}`, or choose another folder with --data."
    )


def is_a_link(path: str) -> str:
    return (
        f"{path} is a symbolic link, which may lead to the files of others: "
        "move what it leads to into the data folder, or choose another folder with --data."
    )


def data_folder_in_use(folder: str) -> str:
    return (
        f"the data folder {folder} is in use by another daybook: "
        "stop that one, or choose another folder with --data."
    )


def no_log_there(folder: str) -> str:
    return f"there is no log in the folder {folder}: give --data the data folder of a Daybook."


def other_not_ready(folder: str) -> str:
    return f"the daybook that uses {folder} is not ready: see its output."


def no_place_for_sockets(folder: str, other: str) -> str:
    return (
        f"the node and Valkey listen on Unix sockets, and neither {folder} nor {other} takes one: "
        "its path is too long, is not text or contains a comma, or its file system has no sockets. "
        "Choose another folder with --data, or set TMPDIR to a folder with a short path."
    )


SERVERS_NOT_STARTED: Final = "the node and Valkey could not be started for this command: see above."

# Ports and programs.


def cannot_listen(host: str, port: int, reason: str) -> str:
    return f"cannot listen at {host}:{port} ({reason}): choose another --port or --host."


def open_to_others(host: str) -> str:
    return (
        f"other machines could reach the pages at {host}, and Daybook has no sign-in yet: everyone who reaches the "
        "port could read all accounts and book on them. Leave --host out to serve only this machine, or add "
        "--open (DAYBOOK_OPEN=1) if only people who may do that can reach it, for example through a proxy "
        "that signs them in."
    )


PORT_IN_USE: Final = "another program listens there"


def no_socket_passed(descriptor: int, reason: str) -> str:
    return f"file descriptor {descriptor} is not a socket ({reason}): only `daybook up` gives --socket."


def no_redis_server(programs: Collection[str], oldest: str) -> str:
    return f"no {' or '.join(programs)} of version {oldest} or newer on the PATH."


def needs_redis(reason: str) -> str:
    """`reason` is `no_redis_server`."""
    return f"{reason} Install one, or set DAYBOOK_REDIS_URL to the address of a running server."


# Lines by which a part says that it is up: the supervisor, or the command that started it, waits for them.

PROJECTOR_IS_UP: Final = "Projector is up"
REACTOR_IS_UP: Final = "Reactor is up"
DEMO_IS_UP: Final = "Demo is up"
SERVERS_ARE_UP: Final = "The servers are up"
WEB_IS_UP: Final = "Web is up at"


def web_is_up(address: str) -> str:
    return f"{WEB_IS_UP} {address}"


def daybook_is_up(address: str) -> str:
    return f"Daybook is up at {address}"


# The supervisor.


def part_not_ready_in_time(part: str, seconds: float) -> str:
    return f"{part} was not ready within {seconds:g} s: killing it"


def part_ended(part: str, end: str, pause: float) -> str:
    """`end` is `exit_code`, or the name of a signal."""
    return f"{part} ended ({end}): starting it again in {pause:g} s"


def part_never_ready(part: str, times: int, end: str) -> str:
    return f"{part} ended {times} times before it was ready ({end})."


def exit_code(code: int) -> str:
    return f"exit {code}"


def part_restarts(part: str, reason: str) -> str:
    return f"restarting {part}: {reason}"


def file_changed(file: str) -> str:
    return f"{file} changed"


def watching(folders: int) -> str:
    return f"watching {folders} folders: a change restarts the parts that use it"


def line_left_out(most: int) -> str:
    return f"(a line of more than {most} bytes is left out)"


def not_ready_yet(parts: str) -> str:
    return f"not ready yet: {parts}"


def no_answer_from_web(error: str) -> str:
    return f"no answer from the web process ({error})"


# The projector, looked at from outside.

NO_HEARTBEAT: Final = "no projector is running: the last seconds had no heartbeat."

# The demo.


def demo_waits(reason: str) -> str:
    return f"Waiting for the log: {reason}"


def demo_refused(reason: str) -> str:
    return f"Refused: {reason}"
