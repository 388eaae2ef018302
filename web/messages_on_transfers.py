"""Every sentence about transfers of the web process: the list to review when wording changes. See web.messages."""

from typing import Final

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
