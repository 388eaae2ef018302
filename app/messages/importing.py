"""A bank's file: what is wrong with it, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from domain.imports import Work
from domain.quoting import quoted

# Files that cannot be read.


def file_unreadable(file: str, reason: str) -> str:
    return f"cannot read {file}: {reason}."


def file_damaged(file: str, reason: str) -> str:
    return f"{file} is damaged: {reason}. Get the file again; nothing was booked."


def invalid_currency(reason: str) -> str:
    return f"--currency: {reason}"


def malformed(file: str, faults: Sequence[str], more: int) -> str:
    """`faults` are of `fault`; there are `more` of them."""
    several = "these lines" if more or len(faults) > 1 else "this line"
    rest = [f"  and {more:,} more lines"] if more else []
    listed = "\n".join([*(f"  {each}" for each in faults), *rest])
    return f"{file}: nothing was booked. Correct {several} and import the file again:\n{listed}"


def other_format(file: str, name: str) -> str:
    return (
        f"{file} cannot be read: this looks like {name}. Export the transactions as CSV with the columns "
        "account, date, amount and note, and import that; nothing was booked."
    )


def fault(place: str, reason: str) -> str:
    """`place` and `reason` are below; a reason may also be the domain's, without its full stop."""
    return f"{place}: {reason}."


# Places in a file.


def line(number: int) -> str:
    return f"line {number}"


def column(line: int, column: int) -> str:
    return f"line {line}, column {column}"


def named_column(line: int, name: str) -> str:
    return f"line {line} ({name})"


# Reasons why a line is refused.


def not_text(encoding: str) -> str:
    return f"this is not {encoding} text"


def wrong_header(found: str, wanted: str) -> str:
    return f"the header is {quoted(found)}, but it has to have the columns {quoted(wanted)}, in any order"


def wrong_number_of_columns(columns: int, wanted: int) -> str:
    return f"the line has {columns} columns, but the header has {wanted}"


def not_a_date(text: str) -> str:
    return f"{quoted(text)} is not a date; write YYYY-MM-DD, for example 2026-01-31"


def not_a_date_of_the_bank(text: str) -> str:
    return f"{quoted(text)} is not a date; write YYMMDD, for example 930131 for 31 January 1993"


def day_out_of_range(day: str, earliest: str) -> str:
    return f"{day} cannot be the day of a transaction; it has to be between {earliest} and a year from today"


def not_a_new_number(text: str) -> str:
    return f"{quoted(text)} is not a number, or an earlier line has it too"


def not_above_zero(amount: str) -> str:
    return f"{quoted(amount)} is not above zero; the column `type` gives the sign"


def not_one_of(text: str, choices: Collection[str]) -> str:
    return f"{quoted(text)} is not one of {', '.join(choices)}"


def note_too_long(length: int, longest: int) -> str:
    return f"the note has {length} characters, and at most {longest} are possible; --shorten-notes cuts such notes"


def other_currency(account: str, own: str, currency: str) -> str:
    return f"account {account} is kept in {own}, but the file is in {currency}; see --currency"


# Progress, and an end before everything is booked.

DOING: Final[Mapping[Work, str]] = {
    "reading": "Reading the file",
    "looking-up": "Looking up accounts",
    "checking": "Checking",
    "booking": "Booking",
}


def progress(doing: str, done: int, of: int) -> str:
    """`doing` is one of those above."""
    return f"{doing}: {done:,} of {of:,}"


_CONTINUE: Final = "What was booked stays booked; run the import again to continue."
INTERRUPTED: Final = f"stopped. {_CONTINUE}"
"""After the name of the verb."""
STOPPED_EARLY: Final = f"It was stopped before its end. {_CONTINUE}"
OTHER_DIGEST: Final = "its bytes are not those that were sent"


def not_begun(reason: str) -> str:
    return f"No process could be started for it: {reason}. {_CONTINUE}"


def end_not_recorded(import_id: str, reason: str) -> str:
    """For the log."""
    return f"Import {import_id} has ended, but the end could not be recorded: {reason}"


def ended_by_the_log(reason: str) -> str:
    return f"{reason} {_CONTINUE}"


def ended_by_the_file(reason: str) -> str:
    return f"The file cannot be read: {reason}. Choose it again."


def ended_by_itself(code: int) -> str:
    """`code` is the exit code of its process; below zero: the signal that ended it."""
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"Its process {ended}, and the log of the web process may say why. {_CONTINUE}"


def ended_by_a_rule(reason: str) -> str:
    return f"{reason} What was booked stays booked; correct the file and import it again."


# The report.


def booked(
    booked: int, transactions: int, accounts: int, already: int, seconds: float, per_second: int
) -> str:
    return (
        f"Booked {booked:,} of {transactions:,} transactions on {accounts:,} accounts in "
        f"{seconds:.1f} s ({per_second:,}/s); {already:,} were booked already."
    )


def to_book(to_book: int, transactions: int, accounts: int, already: int) -> str:
    return (
        f"Nothing was booked. To book: {to_book:,} of {transactions:,} transactions on {accounts:,} accounts; "
        f"{already:,} are booked already."
    )


def about(format_: str, currency: str, first: str, last: str) -> str:
    return f"A statement ({format_}) in {currency} from {first} to {last}."


def noticed(skipped: int, cleaned: int, shortened: int) -> str:
    """Empty if nothing was noticed."""
    said = (
        (skipped, "lines about zero were skipped"),
        (cleaned, "notes had characters that cannot be booked, which were left out or became spaces"),
        (shortened, "notes were too long and were cut"),
    )
    return "; ".join(f"{count:,} {what}" for count, what in said if count)


def reconciled(exact: int, rounded: int, differing: int, unchecked: int) -> str:
    checked = (
        f"Reconciled with the bank's balances: {exact:,} exact, {rounded:,} rounded, {differing:,} differing"
    )
    return f"{checked}; {unchecked:,} without a balance, so unchecked."


def opening(account: str, bank: str, log: str, currency: str) -> str:
    return f"account {account}: before the file, the bank has {bank} {currency}, and the log {log}"


def differs(line: int, account: str, day: str, bank: str, found: str) -> str:
    """`found` is one of those below."""
    return f"line {line}, account {account}, {day}: by the bank's balances {bank}, but {found}"


NOT_IN_THE_LOG: Final = "it is not in the log"


def was_booked(amount: str) -> str:
    return f"{amount} was booked"


def account_stopped(account: str, transactions: int, reason: str) -> str:
    return f"account {account}: {transactions:,} transactions were not booked, since it is stopped. {reason}"


def line_refused(line: int, account: str, amount: str, reason: str) -> str:
    """`reason` is a sentence."""
    return f"line {line}, account {account}, {amount}: {reason}"


def held(line: int, account: str, day: str, amount: str, note: str) -> str:
    return f"line {line}, account {account}, {day}, {amount}, {note!r}"


def resembles(day: str, amount: str, note: str, entry_id: str) -> str:
    return f"may be the entry of {day}, {amount}, {note!r} ({entry_id}), which the file does not have"


def missing(account: str, day: str, amount: str, note: str, entry_id: str) -> str:
    return f"account {account}, {day}, {amount}, {note!r} ({entry_id})"


def conflict(line: int, account: str, identifier: str, amount: str, booked: str) -> str:
    return f"line {line}, account {account}: transaction {identifier} has {amount} in the file, but {booked} was booked"


def recognised(line: int, account: str, day: str, amount: str) -> str:
    return f"line {line}, account {account}, {day}, {amount}"


def listed(lines: int, what: str) -> str:
    """`what` is one of those below."""
    return f"{lines:,} {what}:"


REFUSED: Final = "lines could not be booked"
HELD: Final = (
    "lines were held back, since each may be an entry that the bank changed; --book-similar books them"
)
MISSING: Final = "entries of earlier imports on the days of the file are not in the file"
CONFLICTS: Final = "transactions have another amount than what was booked"
RECOGNISED: Final = "lines were recognised as booked already"
OPENINGS: Final = "accounts had another balance before the file"
DIFFERENCES: Final = "lines differ from the bank's balances"
STOPPED: Final = "accounts are stopped"


def more(items: int) -> str:
    return f"and {items:,} more; --json lists them all"
