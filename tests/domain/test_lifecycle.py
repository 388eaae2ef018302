import pytest

from domain.accounts import (
    AccountCommand,
    AccountIsClosed,
    AccountIsFrozen,
    AccountNotEmpty,
    AccountNotFrozen,
    InsufficientFunds,
    UnknownAccount,
)
from domain.errors import CommandReused, InvalidLimit
from tests.kit.accounts import (
    create,
    deposit,
    deposited,
    opened,
    record,
    withdraw,
    withdrawn,
)
from tests.kit.holds import capture, expire, expired, place, placed, release, released
from tests.kit.lifecycle import close, closed, freeze, frozen, limit_set, set_limit, unfreeze, unfrozen
from tests.kit.spec import given

FULL = (opened(1), deposited(2, 100, balance=100))
HOLDING = (*FULL, placed(3, 40, balance=100, held=40, ends=10))


# Freezing.


def test_an_account_is_frozen_and_unfrozen() -> None:
    given(*FULL).when(freeze(3)).then(frozen(3, balance=100))
    given(*FULL, frozen(3, balance=100)).when(unfreeze(4)).then(unfrozen(4, balance=100))


def test_a_frozen_account_is_not_frozen_again_and_an_open_one_not_unfrozen() -> None:
    given(*FULL, frozen(3, balance=100)).when(freeze(4)).then_raises(AccountIsFrozen)
    given(*FULL).when(unfreeze(3)).then_raises(AccountNotFrozen)


def test_freezing_again_with_the_same_id_is_answered_also_after_it_was_unfrozen() -> None:
    given(*FULL, frozen(3, balance=100)).when(freeze(3)).then_nothing()
    given(*FULL, frozen(3, balance=100), unfrozen(4, balance=100)).when(freeze(3)).then_nothing()
    given(*FULL, frozen(3, balance=100)).when(unfreeze(3)).then_raises(CommandReused)


@pytest.mark.parametrize(
    "command", [deposit(5, 1), withdraw(5, 1), place(5, 1), capture(5, 3), close(5)], ids=repr
)
def test_a_frozen_account_refuses_debits_credits_and_holds(command: AccountCommand) -> None:
    given(*HOLDING, frozen(4, balance=100)).when(command).then_raises(AccountIsFrozen)


def test_a_line_of_a_statement_is_booked_on_a_frozen_account() -> None:
    given(*FULL, frozen(3, balance=100)).when(record(4, -30)).then(withdrawn(4, 30, balance=70))


def test_a_hold_on_a_frozen_account_can_end_without_money_moving() -> None:
    stopped = (*HOLDING, frozen(4, balance=100))
    given(*stopped).when(release(5, 3)).then(released(5, 3, 40, balance=100))
    given(*stopped).when(expire(5, 3, at=10)).then(expired(5, 3, 40, balance=100))


def test_a_frozen_account_keeps_its_limit_up_to_date() -> None:
    given(opened(1), frozen(2)).when(set_limit(3, 50)).then(limit_set(3, 50))


# Closing.


def test_an_empty_account_is_closed() -> None:
    given(opened(1)).when(close(2)).then(closed(2))


def test_an_account_is_closed_only_at_zero_and_with_nothing_held() -> None:
    given(*FULL).when(close(3)).then_raises(AccountNotEmpty, "1.00 CZK", "0.00 is held")
    overdrawn = (opened(1), withdrawn(2, 5, balance=-5))
    given(*overdrawn).when(close(3)).then_raises(AccountNotEmpty)
    holding = (opened(1), limit_set(2, 50), placed(3, 40, balance=0, held=40, overdraft=50))
    given(*holding).when(close(4)).then_raises(AccountNotEmpty, "0.40 is held")


@pytest.mark.parametrize(
    "command",
    [
        *(deposit(5, 1), withdraw(5, 1), record(5, 1), place(5, 1)),
        *(freeze(5), unfreeze(5), close(5), set_limit(5, 1)),
    ],
    ids=repr,
)
def test_a_closed_account_refuses_everything(command: AccountCommand) -> None:
    given(opened(1), closed(2)).when(command).then_raises(AccountIsClosed)


def test_closing_again_with_the_same_id_is_answered() -> None:
    given(opened(1), closed(2)).when(close(2)).then_nothing()
    given(opened(1), closed(2)).when(create(1)).then_nothing()


def test_a_closed_account_of_somebody_says_whose_it_was() -> None:
    (event,) = given(opened(1, user="u1")).when(close(2)).events()
    assert event.holder == "u1"  # type: ignore[union-attr]


# The overdraft limit.


def test_a_withdrawal_may_use_the_overdraft_and_no_more() -> None:
    given(*FULL, limit_set(3, 50, balance=100)).when(withdraw(4, 150)).then(withdrawn(4, 150, balance=-50))
    given(*FULL, limit_set(3, 50, balance=100)).when(withdraw(4, 151)).then_raises(
        InsufficientFunds, "1.50", "1.51", "overdrawn by 0.50"
    )


def test_a_limit_below_what_is_overdrawn_lets_nothing_more_out() -> None:
    overdrawn = (opened(1), limit_set(2, 50), withdrawn(3, 50, balance=-50))
    given(*overdrawn).when(set_limit(4, 10)).then(limit_set(4, 10, balance=-50))
    given(*overdrawn, limit_set(4, 10, balance=-50)).when(withdraw(5, 1)).then_raises(InsufficientFunds)


def test_a_limit_is_not_negative() -> None:
    given(opened(1)).when(set_limit(2, -1)).then_raises(InvalidLimit)


def test_a_limit_has_no_more_decimals_than_the_currency() -> None:
    given(opened(1, currency="JPY")).when(set_limit(2, 150)).then_raises(InvalidLimit)


def test_the_same_id_does_not_set_another_limit() -> None:
    given(opened(1), limit_set(2, 50)).when(set_limit(2, 50)).then_nothing()
    given(opened(1), limit_set(2, 50)).when(set_limit(2, 51)).then_raises(CommandReused)


@pytest.mark.parametrize("command", [freeze(1), unfreeze(1), close(1), set_limit(1, 5)], ids=repr)
def test_an_account_that_does_not_exist_has_no_life(command: AccountCommand) -> None:
    given().when(command).then_raises(UnknownAccount)
