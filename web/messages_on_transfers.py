"""Every sentence about transfers of the web process: the list to review when wording changes. See web.messages."""

from collections.abc import Mapping
from typing import Final

from domain.accounts import Decline
from web.messages import Explanation

# Problems.

ENTRY_OF_TRANSFER: Final = Explanation(
    "The entry belongs to a transfer", "Reverse the transfer: both of its entries are undone together."
)
UNKNOWN_TRANSFER: Final = Explanation("This transfer does not exist", "See the list of transfers.")
TRANSFER_NOT_COMPLETED: Final = Explanation(
    "The transfer is not completed",
    "Only a transfer whose money has arrived can be reversed. One under way will end in a moment; "
    "one that was refused or refunded has moved nothing.",
)
TRANSFER_REVERSED: Final = Explanation(
    "The transfer was reversed before", "A transfer is reversed once. To make it again, reverse its reversal."
)

# The list of transfers.


def not_a_state(states: str) -> str:
    return f"Choose one of these: {states}."


# Why an account declined a transfer, or would decline it.

_WHY: Final[Mapping[Decline, str]] = {
    "insufficient-funds": "there {was} not enough money in it",
    "account-frozen": "it {was} frozen",
    "account-closed": "it {was} closed",
    "account-changed": "it {was} no longer as it was when the transfer was requested",
    "unknown-account": "there {was} no such account",
    "currency-mismatch": "it {was} kept in another currency",
    "balance-out-of-range": "there {was} no room for so much in its balance",
}


def declined(account_id: str, reason: Decline) -> str:
    return f"Account {account_id} declined it, because {_WHY[reason].format(was='was')}."


def would_decline(account_id: str, reason: Decline) -> str:
    return f"Account {account_id} would decline it now, because {_WHY[reason].format(was='is')}."


# Pages: the steps of a transfer, what comes next, and what a request would do.

COMPLETED: Final = "Completed"
REQUESTED: Final = "Requested"


def debited(account_id: str) -> str:
    return f"{account_id} has paid"


def credited(account_id: str) -> str:
    return f"{account_id} has received it"


def refunded(account_id: str) -> str:
    return f"{account_id} has it back"


def next_is_debit(account_id: str) -> str:
    return f"Next: {account_id} is asked to pay."


def next_is_credit(account_id: str) -> str:
    return f"Next: {account_id} is asked to receive it."


def next_is_refund(account_id: str) -> str:
    return f"Next: it goes back to {account_id}."


ABOUT_TRANSFER: Final = (
    "The paying account is debited at once, then the receiving one is credited. If the receiving account declines the "
    "money, it goes back."
)
ABOUT_REVERSAL: Final = (
    "A new transfer brings the money back. The first one and its two entries stay as they are, and both transfers are "
    "linked."
)
