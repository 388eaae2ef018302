"""What each refusal names: its figures, ids and input. Other tests compare only the error's type."""

from collections.abc import Callable, Sequence

import pytest

from domain import messages
from domain.accounts import AccountCommand, AccountEvent
from domain.errors import DomainError, InvalidInput
from domain.idempotency import WINDOW
from domain.identifiers import parse_account_id, parse_user_id
from domain.money import LIMIT, Amount, exponent, minor_units, parse_amount
from tests.kit.accounts import an_id, create, deposit, deposited, opened, record, withdraw
from tests.kit.spec import given

_long_ago = tuple(deposited(n + 1, 1, balance=n + 1) for n in range(2 * WINDOW))
_rich = deposited(2, 10_000, balance=10_000)
_LIMIT = "90071992547409.92"


@pytest.mark.parametrize(
    ("events", "command", "message"),
    [
        ((opened(1),), create(2), messages.account_already_exists("a")),
        ((), withdraw(1, 1), messages.unknown_account("a")),
        ((opened(1),), deposit(2, 0), messages.AMOUNT_NOT_ABOVE_ZERO),
        ((opened(1),), record(2, 0), messages.ENTRY_OF_ZERO),
        ((opened(1),), deposit(2, 1, note="x" * 201), messages.not_a_note(200)),
        (
            (opened(1), _rich),
            withdraw(3, 10_001),
            messages.insufficient_funds("a", "100.00", "CZK", "100.01", "100.00", "0.00", "0.00"),
        ),
        (
            (opened(1),),
            deposit(2, 1, currency="EUR"),
            messages.other_currency("a", "CZK", "EUR"),
        ),
        (
            (opened(1), deposited(2, LIMIT - 1, balance=LIMIT - 1)),
            deposit(3, 1),
            messages.balance_out_of_range("a", _LIMIT, "CZK", _LIMIT),
        ),
        (
            (opened(1),),
            deposit(1, 1),
            messages.command_reused(str(an_id(1)), "a"),
        ),
        (
            (opened(0), *_long_ago),
            deposit(1, 1),
            messages.command_too_old(str(an_id(1)), "a"),
        ),
    ],
)
def test_the_refusal_of_a_command_names_what_it_is_about(
    events: Sequence[AccountEvent], command: AccountCommand, message: str
) -> None:
    assert str(_refusal(lambda: given(*events).when(command).then())) == message


@pytest.mark.parametrize(
    ("read", "field", "message"),
    [
        (lambda: parse_account_id("a b"), "account_id", messages.not_an_account_id("a b", 64)),
        (lambda: parse_user_id("a b"), "user_id", messages.not_a_user_id("a b", 64)),
        (lambda: exponent("Kč"), "currency", messages.unknown_currency("Kč")),
        (lambda: parse_amount("1,5", "CZK"), "amount", messages.not_an_amount("1,5")),
        (
            lambda: minor_units(Amount(-150, 2), "JPY"),
            "amount",
            messages.too_many_decimals("-1.50", 2, "JPY", 0),
        ),
        (
            lambda: parse_amount("90071992547410", "CZK"),
            "amount",
            messages.amount_too_large("90071992547410", _LIMIT, "CZK"),
        ),
    ],
)
def test_the_refusal_of_invalid_input_names_its_field_and_quotes_it(
    read: Callable[[], object], field: str, message: str
) -> None:
    refusal = _refusal(read)
    assert isinstance(refusal, InvalidInput)
    assert (refusal.field, str(refusal)) == (field, message)


@pytest.mark.parametrize(
    ("parse", "message"),
    [(parse_account_id, messages.not_an_account_id), (parse_user_id, messages.not_a_user_id)],
)
def test_a_refusal_quotes_79_characters_of_a_long_invalid_id_and_an_ellipsis(
    parse: Callable[[str], object], message: Callable[[str, int], str]
) -> None:
    assert str(_refusal(lambda: parse("a" * 1000))) == message("a" * 79 + "…", 64)


def _refusal(refused: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        refused()
    return caught.value
