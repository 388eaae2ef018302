"""What `account` and `test-from` print, and why they could not do their work."""

from collections.abc import Collection
from typing import Final

from domain.quoting import quoted

# test-from

FROM_A_STREAM: Final = "Written by `daybook test-from`: a recorded stream, with other ids and texts."


def not_a_stream(stream: str, forms: Collection[str]) -> str:
    return f"{quoted(stream)} is not a stream that a test can be made from; write {' or '.join(forms)}."


def no_such_stream(stream: str) -> str:
    return f"there is no stream {stream}; `daybook tail` shows the streams that there are."


def no_such_revision(stream: str, revision: int, last: int) -> str:
    return f"{stream} has no event {revision}: its last one is event {last}."


def not_decided(stream: str, revision: int) -> str:
    return f"no command leads to event {revision} of {stream}: another program wrote it."


def not_written(file: str, reason: str) -> str:
    return f"cannot write {file}: {reason}."


# account


def not_an_id(text: str) -> str:
    return f"{quoted(text)} is not the id of an entry or a hold; it looks like 5103ac73-7c5e-53da-942a-1fcd84b31288."


def not_a_time(text: str) -> str:
    return f"{quoted(text)} is not a time with a zone; write, for example, 2026-11-24T18:00:00+01:00."


def no_account(account_id: str) -> str:
    return f"there is no account {account_id}."


def booked(
    account_id: str,
    balance: str,
    currency: str,
    of_hold: Collection[str],
    of_entry: Collection[str],
    revision: int,
) -> str:
    """`of_hold` and `of_entry` have one of the two below, or nothing."""
    more = "".join(f", {each}" for each in (*of_hold, *of_entry))
    return f"{account_id}: balance {balance} {currency}{more}, event {revision}"


def held(hold_id: str, held: str, available: str) -> str:
    return f"held {held}, available {available}, hold {hold_id}"


def entry(entry_id: str) -> str:
    return f"entry {entry_id}"


BOOKED_BEFORE: Final = "This command was booked before; nothing was booked again."
DRY_RUN: Final = "Nothing was booked: this was a dry run."


def account_shown(
    account_id: str, state: str, balance: str, currency: str, held: str, available: str, revision: int
) -> str:
    return (
        f"{account_id} is {state}: balance {balance} {currency}, held {held}, available {available}, "
        f"event {revision}"
    )
