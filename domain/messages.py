"""Every sentence of the domain that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers: amounts are
decimal strings.
"""

from typing import Final

from domain.quoting import quoted

# Input that makes no sense, whatever the state.


def not_an_account_id(text: str, longest: int) -> str:
    return f"{quoted(text)} is not a valid account id. {_id_rule(longest)}"


def not_a_user_id(text: str, longest: int) -> str:
    return f"{quoted(text)} is not a valid user id. {_id_rule(longest)}"


def _id_rule(longest: int) -> str:
    return f"Use 1 to {longest} letters, digits, '.', '_' or '-'; the first is a letter or a digit."


def unknown_currency(code: str) -> str:
    return f"{quoted(code)} is not an ISO 4217 currency code; write three capital letters, for example CZK."


def currency_replaced(code: str, successor: str) -> str:
    return f"{code} is no longer in use, so no account is opened in it; {successor} has replaced it."


def not_an_amount(text: str) -> str:
    return f"{quoted(text)} is not an amount; write digits with a point before the decimals, for example 1250.50."


def too_many_decimals(amount: str, decimals: int, currency: str, allowed: int) -> str:
    return f"{amount} has {decimals} decimals, but {currency} has {allowed}."


def amount_too_large(amount: str, limit: str, currency: str) -> str:
    return f"{amount} is too large: an amount has to be below {limit} {currency}."


def not_a_note(longest: int) -> str:
    return f"A note is one line of at most {longest} characters."


def not_a_reference(longest: int) -> str:
    return f"A reference is one line of at most {longest} characters."


def not_for_lines(mark: str) -> str:
    """`mark` is for example U+202E."""
    return f"The character {mark} is not taken here: it cannot be seen or ends the line. Leave it out."


def value_date_out_of_range(day: str, earliest: str, latest: str) -> str:
    return f"{day} cannot be a value date; it has to be from {earliest} to {latest}, a year from today."


def expires_in_the_past(expires: str) -> str:
    return f"A hold cannot end at {expires}, which has passed; give a time in the future."


AMOUNT_NOT_ABOVE_ZERO: Final = "The amount has to be above zero."
LIMIT_BELOW_ZERO: Final = "An overdraft limit is zero or more: how far below zero the balance may go."
ENTRY_OF_ZERO: Final = "An entry of zero books nothing; leave it out."

# Rules of accounts.


def account_already_exists(account_id: str) -> str:
    return f"Account {account_id} already exists; choose another id."


def unknown_account(account_id: str) -> str:
    return f"There is no account {account_id}; open it first, or book a deposit, which opens it."


def insufficient_funds(
    account_id: str, available: str, currency: str, amount: str, balance: str, held: str, overdraft: str
) -> str:
    return (
        f"Account {account_id} has {available} {currency} available, less than {amount}: "
        f"its balance is {balance}, of which {held} is held, and it may be overdrawn by {overdraft}."
    )


def account_is_frozen(account_id: str) -> str:
    return f"Account {account_id} is frozen: nothing can be booked or held on it until it is unfrozen."


def frozen_already(account_id: str) -> str:
    return f"Account {account_id} is frozen already."


def account_not_frozen(account_id: str) -> str:
    return f"Account {account_id} is not frozen."


def account_is_closed(account_id: str) -> str:
    return f"Account {account_id} is closed: nothing can be booked on it any more. Use another account."


def account_not_empty(account_id: str, balance: str, currency: str, held: str) -> str:
    return (
        f"Account {account_id} cannot be closed: its balance is {balance} {currency}, and {held} is held. "
        "Bring the balance to zero and release the holds first."
    )


def unknown_entry(entry_id: str, account_id: str) -> str:
    return f"Account {account_id} has no entry {entry_id}; see the account's history for its entries."


def entry_already_reversed(entry_id: str, account_id: str) -> str:
    return (
        f"Entry {entry_id} of account {account_id} was reversed before, and an entry is reversed once. "
        "To book it again, reverse its reversal."
    )


def entry_of_transfer(entry_id: str, transfer_id: str) -> str:
    return f"Entry {entry_id} belongs to transfer {transfer_id}, which is reversed as a whole."


def unknown_hold(hold_id: str, account_id: str) -> str:
    return f"Account {account_id} has no hold {hold_id}, or it has ended: captured, released or expired."


def hold_is_over(hold_id: str, expires: str) -> str:
    return f"The time of hold {hold_id} ended at {expires}; place a new one."


def hold_not_over(hold_id: str) -> str:
    return f"The time of hold {hold_id} has not ended yet."


def hold_too_small(hold_id: str, held: str, currency: str, amount: str) -> str:
    return f"Hold {hold_id} is for {held} {currency}, less than the {amount} to capture."


def too_many_holds(account_id: str, most: int) -> str:
    return f"Account {account_id} has {most} holds, which is the most; release or capture some first."


def other_currency(account_id: str, own: str, currency: str) -> str:
    return f"Account {account_id} is kept in {own}; an entry in {currency} cannot be booked on it."


def balance_out_of_range(account_id: str, balance: str, currency: str, limit: str) -> str:
    return (
        f"The balance of account {account_id} would reach {balance} {currency}; it has to stay below {limit}."
    )


def holds_out_of_range(account_id: str, held: str, currency: str, limit: str) -> str:
    return f"The holds on account {account_id} would add up to {held} {currency}; they have to stay below {limit}."


# One effect per command id.


def command_reused(command_id: str, account_id: str) -> str:
    return (
        f"Command id {command_id} was already used for something else on account {account_id}; use a new id."
    )


def command_too_old(command_id: str, account_id: str) -> str:
    return (
        f"Command id {command_id} was already used on account {account_id}, so long ago that it is not known any more "
        "for what. Nothing was booked now. See the account's history, and use a new id for a new command."
    )


# A log that no decisions could have made, for operators.


OPEN_ALREADY: Final = "the account is open already"
NOT_OPENED_BEFORE: Final = "the account was not opened before it"


def other_currency_than(currency: str, own: str) -> str:
    return f"it is in {currency}, but the account is in {own}"


def states_wrong_balance(stated: int, before: int) -> str:
    return f"it states the balance {stated} after {before}"


def states_wrong_held(stated: int, held: int) -> str:
    return f"it states that {stated} is held or another overdraft limit, but {held} is held after it"


def account_was(state: str) -> str:
    return f"the account was {state} before it"


HELD_ALREADY: Final = "the same hold was placed before it"
NOT_HELD_BEFORE: Final = "no hold of that amount was placed before it"
CLOSED_WITH_MONEY: Final = "the account was not empty before it"
OUT_OF_RANGE: Final = "amount or balance out of range: |balance| and amount below 2^53, amount above 0"
