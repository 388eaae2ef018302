"""Every sentence about accounts of the web process: the list to review when wording changes. See web.messages."""

from typing import Final

from web.messages import Explanation

# Problems: refusals of an account's rules, whose exceptions say what was wrong.

UNKNOWN_ACCOUNT: Final = Explanation("No such account", "Open it first. A deposit opens a new account too.")
UNKNOWN_ENTRY: Final = Explanation("No such entry", "See the account's history for its entries.")
UNKNOWN_HOLD: Final = Explanation(
    "No such hold", "It may have been captured, released or expired; see the account's holds."
)
ACCOUNT_EXISTS: Final = Explanation("The account exists already", "Choose another id.")
ACCOUNT_FROZEN: Final = Explanation("The account is frozen", "Unfreeze it first, or use another account.")
ACCOUNT_NOT_FROZEN: Final = Explanation("The account is not frozen", "There is nothing to undo.")
ACCOUNT_CLOSED: Final = Explanation("The account is closed", "Use another account.")
ACCOUNT_NOT_EMPTY: Final = Explanation(
    "There is still money in the account", "Bring the balance to zero, and release the holds."
)
CURRENCY_MISMATCH: Final = Explanation("Another currency", "An account has one currency. Use that one.")
INSUFFICIENT_FUNDS: Final = Explanation(
    "Not enough money in the account", "Take less, deposit first, or release a hold."
)
BALANCE_OUT_OF_RANGE: Final = Explanation("The balance would be too large", "Book on another account.")
ENTRY_REVERSED: Final = Explanation(
    "The entry was reversed before", "An entry is reversed once. To book it again, reverse its reversal."
)
HOLD_OVER: Final = Explanation("The time of the hold is over", "Place a new hold, or withdraw the money.")
HOLD_NOT_OVER: Final = Explanation("The time of the hold is not over yet", "Release the hold to end it now.")
HOLD_TOO_SMALL: Final = Explanation(
    "The hold is for less", "Capture at most what the hold has set aside, and withdraw the rest."
)
TOO_MANY_HOLDS: Final = Explanation("Too many holds on the account", "Release or capture some first.")

# What the read models do not have.


def no_account(account_id: str) -> str:
    return f"There is no account {account_id}; a deposit opens it."


# The list of accounts.

HOLDERS_NOT_SEARCHED: Final = (
    "The names of holders cannot be searched at the moment: these are only the accounts whose ids contain this "
    "text."
)


def only_some_holders(most: int) -> str:
    return f"More than {most} people have such a name: accounts of {most} of them are shown. Type more of the name."


# Results of the form that books entries. The state of settling follows.


def deposited(amount: str, account_id: str) -> str:
    return f"Deposited {amount} to {account_id},"


def deposited_before(amount: str, account_id: str) -> str:
    return f"Deposited before {amount} to {account_id},"


def withdrew(amount: str, account_id: str) -> str:
    return f"Withdrew {amount} from {account_id},"


def withdrew_before(amount: str, account_id: str) -> str:
    return f"Withdrew before {amount} from {account_id},"


# Forms of the other commands: what each will do, before it is sent. Figures are those after the command.


def will_be(balance: str, available: str) -> str:
    return f"The balance will be {balance}, and {available} will be available."


ABOUT_OPENING: Final = "Money can be paid in as soon as the account is open."
ABOUT_HOLD: Final = (
    "The amount is set aside: it stays in the balance but is no longer available, until the hold is captured, released "
    "or expires."
)
ABOUT_OVERDRAFT: Final = "The balance may go below zero as far as this limit. With 0 it may not."
ABOUT_FREEZING: Final = (
    "Nothing can be paid in, paid out or held until the account is unfrozen. "
    "Lines of a bank's statement are still booked."
)
ABOUT_UNFREEZING: Final = "The account will be in use again."
ABOUT_CLOSING: Final = (
    "Nothing can be booked on it any more, and its id is not used again. This cannot be undone."
)
ABOUT_CAPTURE: Final = "What the hold has set aside is paid out, in all or in part. The rest is released."
ABOUT_RELEASE: Final = "The hold ends, and its amount is available again."
ABOUT_REVERSAL: Final = "The entry stays in the history, and a new entry in the other direction undoes it."


def capture_of_all(amount: str, balance: str, available: str) -> str:
    return f"All of it: {amount} will be booked. {will_be(balance, available)}"


def open_it_first(account_id: str) -> str:
    return f"There is no account {account_id}. Reload the page to open it."
