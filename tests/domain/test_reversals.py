from domain.accounts import (
    AccountIsClosed,
    AccountIsFrozen,
    BalanceOutOfRange,
    EntryAlreadyReversed,
    InsufficientFunds,
    UnknownAccount,
    UnknownEntry,
)
from domain.errors import CommandReused
from domain.money import LIMIT
from tests.kit.accounts import deposited, opened, reversal, reverse, withdrawn
from tests.kit.lifecycle import closed, frozen
from tests.kit.spec import given

PAID_IN = deposited(2, 100, balance=100)
PAID_OUT = withdrawn(3, 30, balance=70)
BOTH = (opened(1), PAID_IN, PAID_OUT)


def test_a_reversal_takes_back_what_the_entry_added() -> None:
    given(opened(1), PAID_IN).when(reverse(4, PAID_IN)).then(reversal(4, PAID_IN, balance=0))
    given(*BOTH).when(reverse(4, PAID_OUT)).then(reversal(4, PAID_OUT, balance=100))


def test_an_entry_is_reversed_once() -> None:
    given(*BOTH, reversal(4, PAID_OUT, balance=100)).when(reverse(5, PAID_OUT)).then_raises(
        EntryAlreadyReversed
    )


def test_reversing_the_reversal_books_the_entry_again() -> None:
    undone = reversal(4, PAID_OUT, balance=100)
    given(*BOTH, undone).when(reverse(5, undone)).then(reversal(5, undone, balance=70))
    again = reversal(5, undone, balance=70)
    given(*BOTH, undone, again).when(reverse(6, undone)).then_raises(EntryAlreadyReversed)
    given(*BOTH, undone, again).when(reverse(6, again)).then(reversal(6, again, balance=100))


def test_a_reversal_obeys_funds() -> None:
    given(*BOTH).when(reverse(4, PAID_IN)).then_raises(InsufficientFunds, "0.70", "1.00")


def test_a_reversal_obeys_the_range_of_balances() -> None:
    rich = deposited(4, LIMIT - 1 - 70, balance=LIMIT - 1)
    given(*BOTH, rich).when(reverse(5, PAID_OUT)).then_raises(BalanceOutOfRange)


def test_a_reversal_obeys_freeze_and_close() -> None:
    given(*BOTH, frozen(4, balance=70)).when(reverse(5, PAID_OUT)).then_raises(AccountIsFrozen)
    emptied = (opened(1), PAID_IN, withdrawn(3, 100, balance=0), closed(4))
    given(*emptied).when(reverse(5, PAID_IN)).then_raises(AccountIsClosed)


def test_only_an_entry_of_the_account_is_reversed() -> None:
    given(*BOTH).when(reverse(4, 9)).then_raises(UnknownEntry)
    given().when(reverse(4, 9)).then_raises(UnknownAccount)


def test_an_id_that_reversed_one_entry_does_not_reverse_another() -> None:
    undone = reversal(4, PAID_OUT, balance=100)
    given(*BOTH, undone).when(reverse(4, PAID_IN)).then_raises(CommandReused)
    given(*BOTH, undone).when(reverse(4, PAID_OUT)).then_nothing()
