"""Every sentence about imports of the web process: the list to review when wording changes. See web.messages."""

from collections.abc import Mapping
from typing import Final

from domain.imports import State, Work
from web.messages import Explanation

# Problems.

UNKNOWN_IMPORT: Final = Explanation("This import does not exist", "See the list of imports at /import.")
IMPORT_UNDER_WAY: Final = Explanation("The import is under way", "Its page shows how far it is.")
IMPORT_OF_ANOTHER_FILE: Final = Explanation(
    "This import is of another file", "Give that file to Daybook at /import: it becomes an import of its own."
)
IMPORT_TAKEN_OVER: Final = Explanation(
    "This run of the import is over", "The page of the import shows what has become of it."
)

# The form that sends a file.

NO_FILE: Final = "Choose a file."
EMPTY_FILE: Final = "This file is empty. Export it again, or choose another file."
NO_ROOM: Final = (
    "There is no room for another file now. Try again in an hour, or run ./daybook import FILE on the server."
)
IS_FULL: Final = "Many imports are waiting already. Try again when some of them have ended."
FILE_IS_GONE: Final = "The file is not kept here any more. Choose it again on the page of imports."
NOT_SILENT_YET: Final = "This import has moved a moment ago. Wait until nothing has moved for half a minute."
NOT_A_FORM: Final = "The form cannot be read. Reload the page, choose the file again and send it again."


def not_kept(reason: str) -> str:
    return f"The file could not be kept on the server: {reason}."


def too_large(megabytes: int) -> str:
    return (
        f"A page takes files of up to {megabytes} MB, and this one is larger. On the server, run "
        "./daybook import FILE --check to see what would be booked, and then ./daybook import FILE to book it."
    )


def not_a_format(formats: str) -> str:
    return f"Choose one of these: {formats}."


# The state of an import, what it is at, and what comes next.

STATES: Final[Mapping[State, str]] = {
    "under-way": "under way",
    "checked": "checked",
    "booked": "booked",
    "failed": "failed",
}
DOING: Final[Mapping[Work, str]] = {
    "reading": "Reading the file",
    "looking-up": "Looking up accounts",
    "checking": "Comparing lines with the log",
    "booking": "Booking lines",
}
WAITING: Final = "Waiting for its turn"


ONE_LINE: Final = "1 line"


def lines(count: str) -> str:
    return f"{count} lines"


FORMATS: Final[Mapping[str, str]] = {"csv": "CSV", "berka": "Berka (PKDD'99)"}

# The report.

TO_BOOK: Final = "To book"
BOOKED: Final = "Booked"
BOOKED_ALREADY: Final = "Booked already"
HELD_BACK: Final = "Held back"
REFUSED: Final = "Refused"


ONE_ACCOUNT: Final = "1 account"


def accounts(count: str) -> str:
    return f"{count} accounts"


def about(lines: str, accounts: str, first: str, last: str) -> str:
    """`lines` and `accounts` are of those above."""
    return f"{lines} from {first} to {last}, on {accounts}."


NO_LINES: Final = "The file has no lines to book."


def reconciled(exact: str, rounded: str, differing: str, unchecked: str) -> str:
    return (
        f"Compared with the bank's balances: {exact} exact, {rounded} rounded, {differing} differing; "
        f"{unchecked} could not be checked, because the file states no balance for them."
    )


def opening(amount: str) -> str:
    return f"Before the file, the bank's balances and the log differ by {amount} in all."


def skipped(lines: str) -> str:
    return f"{lines} about zero left out."


def cleaned(notes: str) -> str:
    return f"Notes with characters that cannot be booked, which were left out or became spaces: {notes}."


def shortened(notes: str) -> str:
    return f"Notes that were too long and were cut: {notes}."


def wrong(lines: str) -> str:
    return f"The log does not have the amounts of {lines}, although they were to be booked."


# What became of an import, in the list.


def outcome_checked(to_book: str, held_back: str) -> str:
    return f"{to_book} to book, {held_back} held back"


def outcome_booked(booked: str, held_back: str) -> str:
    return f"{booked} booked, {held_back} held back"


def outcome_under_way(doing: str, percent: int) -> str:
    return f"{doing}, {percent} %"
