"""A bank's file: what is wrong with it, and what became of it."""

from collections.abc import Collection
from typing import Final

# Files that cannot be read.


def file_unreadable(file: str, reason: str) -> str:
    return f"cannot read {file}: {reason}."


def file_damaged(file: str, reason: str) -> str:
    return f"{file} is damaged: {reason}. Get the file again; nothing was booked."


def invalid_currency(reason: str) -> str:
    return f"--currency: {reason}"


def malformed(file: str, place: str, reason: str) -> str:
    """`place` and `reason` are below; a reason may also be the domain's, without its full stop."""
    return f"{file}, {place}: {reason}. Correct it and import the file again; nothing was booked."


# Places in a file, and names of transactions.


def line(number: int) -> str:
    return f"line {number}"


def column(line: int, column: int) -> str:
    return f"line {line}, column {column}"


def named_column(line: int, column: int, name: str) -> str:
    return f"line {line}, column {column} ({name})"


def transaction(identifier: str) -> str:
    return f"transaction {identifier}"


# Reasons why a line is refused.


def not_text(encoding: str) -> str:
    return f"this is not {encoding} text"


def wrong_header(header: str) -> str:
    return f"the header has to be {header!r}"


def wrong_number_of_columns(columns: int, wanted: int, header: str) -> str:
    return f"the line has {columns} columns, not the {wanted} of {header!r}"


def not_a_date(text: str) -> str:
    return f"{text!r} is not a date; write YYYY-MM-DD, for example 2026-01-31"


def not_a_date_of_the_bank(text: str) -> str:
    return f"{text!r} is not a date; write YYMMDD, for example 930131 for 31 January 1993"


def not_a_new_number(text: str) -> str:
    return f"{text!r} is not a number, or an earlier line has it too"


def not_above_zero(amount: str) -> str:
    return f"{amount!r} is not above zero; the column `type` gives the sign"


def not_one_of(text: str, choices: Collection[str]) -> str:
    return f"{text!r} is not one of {', '.join(choices)}"


# Progress, and an end before everything is booked.

LOOKING_UP: Final = "Looking up accounts"
BOOKING: Final = "Booking"
RECONCILING: Final = "Reconciling"


def progress(doing: str, done: int, of: int) -> str:
    return f"{doing}: {done:,} of {of:,}"


_CONTINUE: Final = "What was booked stays booked; run the import again to continue."
INTERRUPTED: Final = f"stopped. {_CONTINUE}"


def ended_by_the_log(reason: str) -> str:
    return f"{reason} {_CONTINUE}"


def ended_by_a_rule(reason: str) -> str:
    return f"{reason} What was booked stays booked; correct the file and import it again."


# The report.


def booked(
    booked: int,
    transactions: int,
    accounts: int,
    seconds: float,
    transactions_per_s: int,
    already_booked: int,
) -> str:
    return (
        f"Booked {booked:,} of {transactions:,} transactions on {accounts:,} accounts in "
        f"{seconds:.1f} s ({transactions_per_s:,}/s); {already_booked:,} were booked already."
    )


def reconciled(exact: int, rounded: int, differing: int) -> str:
    return f"Reconciled: {exact:,} exact, {rounded:,} rounded, {differing:,} differing."


def differs(account_id: str, day: str, reference: str, bank: str, found: str) -> str:
    """`found` is one of those below."""
    return f"account {account_id}, {day}, {reference}: by the bank's balances {bank}, but {found}"


NOT_IN_THE_LOG: Final = "it is not in the log"


def was_booked(amount: str) -> str:
    return f"{amount} was booked"


def was_booked_in_entries(amount: str, entries: int) -> str:
    return f"{amount} was booked in {entries} entries"


def account_stopped(account_id: str, transactions: int, reason: str) -> str:
    return f"{transactions:,} transactions on account {account_id} were not booked: the account is stopped. {reason}"


def lines_refused(lines: int) -> str:
    return f"{lines:,} lines could not be booked:"


def line_refused(line: int, account: str, amount: str, reason: str) -> str:
    """`reason` is a sentence."""
    return f"line {line}, account {account}, {amount}: {reason}"


def more_refused(lines: int) -> str:
    return f"and {lines:,} more; --json lists them all."
