"""Every sentence of the domain that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers: amounts are
decimal strings.
"""

from typing import Final

# Input that makes no sense, whatever the state.


def not_an_account_id(text: str, longest: int) -> str:
    return f"{text!r} is not a valid account id. {_id_rule(longest)}"


def not_a_user_id(text: str, longest: int) -> str:
    return f"{text!r} is not a valid user id. {_id_rule(longest)}"


def _id_rule(longest: int) -> str:
    return f"Use 1 to {longest} letters, digits, '.', '_' or '-'; the first is a letter or a digit."


def unknown_currency(code: str) -> str:
    return f"{code!r} is not an ISO 4217 currency code; write three capital letters, for example CZK."


def not_an_amount(text: str) -> str:
    return f"{text!r} is not an amount; write digits with a point before the decimals, for example 1250.50."


def too_many_decimals(amount: str, decimals: int, currency: str, allowed: int) -> str:
    return f"{amount} has {decimals} decimals, but {currency} has {allowed}."


def amount_too_large(amount: str, limit: str, currency: str) -> str:
    return f"{amount} is too large: an amount has to be below {limit} {currency}."


def not_a_note(longest: int) -> str:
    return f"A note is one line of at most {longest} characters."


AMOUNT_NOT_ABOVE_ZERO: Final = "The amount has to be above zero."
ENTRY_OF_ZERO: Final = "An entry of zero books nothing; leave it out."

# Rules of accounts.


def account_already_exists(account_id: str) -> str:
    return f"Account {account_id} already exists; choose another id."


def unknown_account(account_id: str) -> str:
    return f"There is no account {account_id} to withdraw from; a deposit opens it."


def insufficient_funds(account_id: str, balance: str, currency: str, amount: str) -> str:
    return f"Account {account_id} holds {balance} {currency}, less than the {amount} to withdraw."


def other_currency(account_id: str, own: str, currency: str) -> str:
    return f"Account {account_id} is kept in {own}; an entry in {currency} cannot be booked on it."


def balance_out_of_range(account_id: str, balance: str, currency: str, limit: str) -> str:
    return (
        f"The balance of account {account_id} would reach {balance} {currency}; it has to stay below {limit}."
    )


# One effect per command id.


def command_reused(command_id: str, account_id: str) -> str:
    return (
        f"Command id {command_id} was already used for something else on account {account_id}; use a new id."
    )


def command_too_old(command_id: str, account_id: str) -> str:
    return (
        f"Command id {command_id} was booked on account {account_id} too long ago to repeat the answer; "
        "nothing is booked twice. See the account's history, and use a new id for a new entry."
    )


# A log that no decisions could have made, for operators.


OPEN_ALREADY: Final = "the account is open already"
NOT_OPENED_BEFORE: Final = "the account was not opened before it"


def other_currency_than(currency: str, own: str) -> str:
    return f"it is in {currency}, but the account is in {own}"


def states_wrong_balance(stated: int, before: int) -> str:
    return f"it states the balance {stated} after {before}"


OUT_OF_RANGE: Final = "amount or balance out of range: |balance| and amount below 2^53, amount above 0"
