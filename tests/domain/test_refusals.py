"""Each refusal's message. Whole sentences are compared only here; other tests compare the error's type."""

from collections.abc import Callable, Sequence

import pytest

from domain.accounts import AccountCommand, AccountEvent
from domain.errors import DomainError, InvalidInput
from domain.idempotency import WINDOW
from domain.identifiers import parse_account_id, parse_user_id
from domain.money import LIMIT, Amount, exponent, minor_units, parse_amount
from tests.kit.accounts import an_id, create, deposit, deposited, opened, record, withdraw
from tests.kit.spec import given

_RULE = "Use 1 to 64 letters, digits, '.', '_' or '-'; the first is a letter or a digit."
_long_ago = tuple(deposited(n + 1, 1, balance=n + 1) for n in range(2 * WINDOW))
_rich = deposited(2, 10_000, balance=10_000)


@pytest.mark.parametrize(
    ("events", "command", "message"),
    [
        ((opened(1),), create(2), "Account a already exists; choose another id."),
        ((), withdraw(1, 1), "There is no account a to withdraw from; a deposit opens it."),
        ((opened(1),), deposit(2, 0), "The amount has to be above zero."),
        ((opened(1),), record(2, 0), "An entry of zero books nothing; leave it out."),
        ((opened(1),), deposit(2, 1, note="x" * 201), "A note is one line of at most 200 characters."),
        (
            (opened(1), _rich),
            withdraw(3, 10_001),
            "Account a holds 100.00 CZK, less than the 100.01 to withdraw.",
        ),
        (
            (opened(1),),
            deposit(2, 1, currency="EUR"),
            "Account a is kept in CZK; an entry in EUR cannot be booked on it.",
        ),
        (
            (opened(1), deposited(2, LIMIT - 1, balance=LIMIT - 1)),
            deposit(3, 1),
            "The balance of account a would reach 90071992547409.92 CZK; it has to stay below 90071992547409.92.",
        ),
        (
            (opened(1),),
            deposit(1, 1),
            f"Command id {an_id(1)} was already used for something else on account a; use a new id.",
        ),
        (
            (opened(0), *_long_ago),
            deposit(1, 1),
            f"Command id {an_id(1)} was booked on account a too long ago to repeat the answer; nothing is booked "
            "twice. See the account's history, and use a new id for a new entry.",
        ),
    ],
)
def test_a_refused_command_says_why_and_what_to_do(
    events: Sequence[AccountEvent], command: AccountCommand, message: str
) -> None:
    assert str(_refusal(lambda: given(*events).when(command).then())) == message


@pytest.mark.parametrize(
    ("read", "field", "message"),
    [
        (lambda: parse_account_id("a b"), "account_id", f"'a b' is not a valid account id. {_RULE}"),
        (lambda: parse_user_id("a b"), "user_id", f"'a b' is not a valid user id. {_RULE}"),
        (
            lambda: exponent("Kč"),
            "currency",
            "'Kč' is not an ISO 4217 currency code; write three capital letters, for example CZK.",
        ),
        (
            lambda: parse_amount("1,5", "CZK"),
            "amount",
            "'1,5' is not an amount; write digits with a point before the decimals, for example 1250.50.",
        ),
        (lambda: minor_units(Amount(-150, 2), "JPY"), "amount", "-1.50 has 2 decimals, but JPY has 0."),
        (
            lambda: parse_amount("90071992547410", "CZK"),
            "amount",
            "90071992547410 is too large: an amount has to be below 90071992547409.92 CZK.",
        ),
    ],
)
def test_invalid_input_is_quoted_with_a_valid_example(
    read: Callable[[], object], field: str, message: str
) -> None:
    refusal = _refusal(read)
    assert isinstance(refusal, InvalidInput)
    assert (refusal.field, str(refusal)) == (field, message)


@pytest.mark.parametrize("parse", [parse_account_id, parse_user_id])
def test_a_refusal_quotes_80_characters_of_a_long_invalid_id(parse: Callable[[str], object]) -> None:
    assert str(_refusal(lambda: parse("a" * 1000))).startswith(f"'{'a' * 80}' is not")


def _refusal(refused: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        refused()
    return caught.value
