"""What `daybook transfer` says: the list to review when wording changes. See app.messages.verbs."""

from typing import Final

from domain.quoting import quoted


def not_a_transfer_id(text: str) -> str:
    return f"{quoted(text)} is not the id of a transfer; it looks like 5103ac73-7c5e-53da-942a-1fcd84b31288."


def no_transfer(transfer_id: str) -> str:
    return f"there is no transfer {transfer_id}."


def requested(transfer_id: str, amount: str, currency: str, payer: str, payee: str) -> str:
    return f"Transfer {transfer_id}: {amount} {currency} from {payer} to {payee}."


REQUESTED_BEFORE: Final = "It was requested before, and nothing was requested again."
DRY_RUN: Final = "Nothing was requested: this was a dry run."

# `account reverse`, of an entry that belongs to a transfer.

WOULD_REVERSE_TRANSFER: Final = "The entry belongs to a transfer, which would be reversed as a whole."


def reverses_transfer(transfer_id: str) -> str:
    return (
        "The entry belongs to a transfer, which is reversed as a whole, "
        f"by another one: ./daybook transfer show {transfer_id} says how it ends."
    )


# How it has ended. `reason` is a sentence.

COMPLETED: Final = "It is completed: the money has arrived."


def refused(reason: str) -> str:
    return f"It was refused, and no money was moved. {reason}"


def refunded(reason: str) -> str:
    return f"It was refunded: the money is back. {reason}"


def under_way(transfer_id: str) -> str:
    return (
        "It is under way, and goes on while a reactor runs, as with ./daybook up. "
        f"./daybook transfer show {transfer_id} says how it ends."
    )


# The transfer as it is.


def entry(step: str, entry_id: str, account_id: str) -> str:
    """`step` is debit, credit or refund."""
    return f"{step}: entry {entry_id} of {account_id}"


def reverses(transfer_id: str) -> str:
    return f"It reverses transfer {transfer_id}."


def reversed_by(transfer_id: str) -> str:
    return f"It is reversed by transfer {transfer_id}."
