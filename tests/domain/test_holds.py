import pytest

from domain.accounts import (
    MOST_HOLDS,
    AccountCommand,
    BalanceOutOfRange,
    HoldIsOver,
    HoldNotOver,
    HoldTooSmall,
    InsufficientFunds,
    TooManyHolds,
    UnknownAccount,
    UnknownHold,
)
from domain.errors import CommandReused, InvalidAmount, InvalidExpiry
from domain.money import LIMIT
from tests.kit.accounts import deposited, opened, withdraw, withdrawn
from tests.kit.holds import (
    after,
    capture,
    captured,
    expire,
    expired,
    place,
    placed,
    release,
    released,
)
from tests.kit.lifecycle import limit_set
from tests.kit.spec import given

FULL = (opened(1), deposited(2, 100, balance=100))
HOLDING = (*FULL, placed(3, 40, balance=100, held=40, ends=10))


def test_a_hold_sets_an_amount_aside() -> None:
    given(*FULL).when(place(3, 40)).then(placed(3, 40, balance=100, held=40))
    given(*HOLDING).when(place(4, 60)).then(placed(4, 60, balance=100, held=100))


def test_a_hold_takes_at_most_what_is_available() -> None:
    given(*HOLDING).when(place(4, 61)).then_raises(InsufficientFunds, "0.60", "0.61", "0.40 is held")
    given(*HOLDING, limit_set(4, 1, balance=100)).when(place(5, 61)).then(
        placed(5, 61, balance=100, held=101, overdraft=1)
    )


def test_a_withdrawal_leaves_what_is_held() -> None:
    given(*HOLDING).when(withdraw(4, 60)).then(withdrawn(4, 60, balance=40))
    given(*HOLDING).when(withdraw(4, 61)).then_raises(InsufficientFunds)


def test_a_hold_needs_an_amount_above_zero_and_an_end_in_the_future() -> None:
    given(*FULL).when(place(3, 0)).then_raises(InvalidAmount)
    given(*FULL).when(place(3, 1, at=10, ends=10)).then_raises(InvalidExpiry)


def test_an_account_has_a_bounded_number_of_holds() -> None:
    many = (placed(n, 1, balance=10_000, held=n - 9) for n in range(10, 10 + MOST_HOLDS))
    rich = (opened(1), deposited(2, 10_000, balance=10_000))
    given(*rich, *many).when(place(10_000, 1)).then_raises(TooManyHolds, str(MOST_HOLDS))


def test_holds_whose_sum_would_not_be_exact_everywhere_are_refused() -> None:
    most = LIMIT - 1
    rich = (opened(1), deposited(2, most, balance=most), limit_set(3, 1, balance=most))
    full = placed(4, most, balance=most, held=most, overdraft=1)
    given(*rich, full).when(place(5, 1)).then_raises(BalanceOutOfRange)


def test_all_of_a_hold_is_captured() -> None:
    given(*HOLDING).when(capture(4, 3)).then(captured(4, 3, 40, of=40, balance=60))
    given(*HOLDING).when(capture(4, 3, 40)).then(captured(4, 3, 40, of=40, balance=60))


def test_a_part_is_captured_and_the_rest_released() -> None:
    part = captured(4, 3, 15, of=40, balance=85)
    given(*HOLDING).when(capture(4, 3, 15)).then(part)
    given(*HOLDING, part).when(withdraw(5, 85)).then(withdrawn(5, 85, balance=0))


def test_a_capture_takes_at_most_what_the_hold_set_aside() -> None:
    given(*HOLDING).when(capture(4, 3, 41)).then_raises(HoldTooSmall, "0.40", "0.41")
    given(*HOLDING).when(capture(4, 3, 0)).then_raises(InvalidAmount)


def test_what_was_set_aside_is_paid_even_if_a_statement_took_the_money_since() -> None:
    emptied = (*HOLDING, withdrawn(4, 100, balance=0))
    given(*emptied).when(capture(5, 3)).then(captured(5, 3, 40, of=40, balance=-40))


def test_a_hold_is_captured_before_its_end_and_expires_from_then_on() -> None:
    given(*HOLDING).when(capture(4, 3, at=9)).then(captured(4, 3, 40, of=40, balance=60))
    given(*HOLDING).when(capture(4, 3, at=10)).then_raises(HoldIsOver, after(10).isoformat())
    given(*HOLDING).when(expire(4, 3, at=9)).then_raises(HoldNotOver)
    given(*HOLDING).when(expire(4, 3, at=10)).then(expired(4, 3, 40, balance=100))


def test_a_hold_without_an_end_never_expires() -> None:
    given(*FULL, placed(3, 40, balance=100, held=40)).when(expire(4, 3, at=10**6)).then_raises(HoldNotOver)


def test_a_hold_is_released() -> None:
    given(*HOLDING).when(release(4, 3)).then(released(4, 3, 40, balance=100))


ENDS = (
    captured(4, 3, 40, of=40, balance=60),
    released(4, 3, 40, balance=100),
    expired(4, 3, 40, balance=100),
)


@pytest.mark.parametrize("end", ENDS, ids=repr)
@pytest.mark.parametrize("command", [capture(5, 3), release(5, 3), expire(5, 3, at=10)], ids=repr)
def test_a_hold_that_has_ended_is_gone(end: object, command: AccountCommand) -> None:
    given(*HOLDING, end).when(command).then_raises(UnknownHold)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", [capture(5, 9), release(5, 9), expire(5, 9, at=1)], ids=repr)
def test_a_hold_that_was_never_placed_is_unknown(command: AccountCommand) -> None:
    given(*HOLDING).when(command).then_raises(UnknownHold)
    given().when(command).then_raises(UnknownAccount)


def test_an_id_is_used_for_one_hold_or_capture() -> None:
    given(*HOLDING).when(place(3, 40, ends=10)).then_nothing()
    given(*HOLDING).when(place(3, 41, ends=10)).then_raises(CommandReused)
    given(*HOLDING).when(place(3, 40, ends=11)).then_raises(CommandReused)
    part = captured(4, 3, 15, of=40, balance=85)
    given(*HOLDING, part).when(capture(4, 3, 15)).then_nothing()
    given(*HOLDING, part).when(capture(4, 3)).then_raises(CommandReused)
    given(*HOLDING, part).when(release(4, 3)).then_raises(CommandReused)
