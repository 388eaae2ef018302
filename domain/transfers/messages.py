"""Every sentence about transfers that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from typing import Final


def same_account(account_id: str) -> str:
    return f"Account {account_id} cannot pay itself; a transfer is between two accounts."


def unknown_transfer(transfer_id: str) -> str:
    return f"There is no transfer {transfer_id}; see the list of transfers."


def transfer_exists(transfer_id: str) -> str:
    return f"Transfer {transfer_id} was requested before, by another command."


def transfer_not_completed(transfer_id: str, state: str) -> str:
    return f"Transfer {transfer_id} is {state}: only a completed transfer can be reversed."


def transfer_already_reversed(transfer_id: str, by: str) -> str:
    return (
        f"Transfer {transfer_id} was reversed before, by transfer {by}, and a transfer is reversed once. "
        "To make it again, reverse that one."
    )


def command_reused(command_id: str) -> str:
    return f"Command id {command_id} was already used for another transfer; use a new id."


def answer_out_of_order(transfer_id: str, step: str, state: str) -> str:
    return f"Transfer {transfer_id} is {state}: the answer to its {step} cannot be recorded now."


# A log that no decisions could have made, for operators.

REQUESTED_ALREADY: Final = "the transfer was requested already"
NOT_REQUESTED_BEFORE: Final = "the transfer was not requested before it"


def transfer_was(state: str) -> str:
    return f"the transfer was {state} before it"
