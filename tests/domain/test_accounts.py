from datetime import date, timedelta
from typing import get_args

import msgspec
import pytest

from domain.accounts import (
    ACCOUNTS,
    Account,
    AccountAlreadyExists,
    AccountCommand,
    AccountEvent,
    BalanceOutOfRange,
    CurrencyMismatch,
    InsufficientFunds,
    UnknownAccount,
)
from domain.errors import (
    CommandReused,
    CommandTooOld,
    InvalidAmount,
    InvalidNote,
    InvalidReference,
    UnknownCurrency,
)
from domain.idempotency import WINDOW
from domain.money import LIMIT, Amount
from domain.notes import NOTE_LENGTH, REFERENCE_LENGTH
from tests.kit.accounts import (
    ACCOUNT,
    DAY,
    create,
    deposit,
    deposited,
    entry_id,
    opened,
    record,
    withdraw,
    withdrawn,
)
from tests.kit.spec import given

# Opening.


@pytest.mark.parametrize("currency", ["ANG", "BGN", "HRK"])
def test_no_account_is_opened_in_a_currency_that_is_not_in_use_any_more(currency: str) -> None:
    given().when(create(1, currency=currency)).then_raises(UnknownCurrency, currency)
    given().when(deposit(1, 100, currency=currency)).then_raises(UnknownCurrency, currency)


@pytest.mark.parametrize("currency", ["ANG", "BGN", "HRK"])
def test_accounts_in_a_currency_that_is_not_in_use_any_more_go_on(currency: str) -> None:
    before = opened(1, currency=currency)
    given(before).when(deposit(2, 100, currency=None)).then(deposited(2, 100, balance=100, currency=currency))
    assert len(given().when(record(1, 100, currency=currency)).events()) == 2


def test_an_account_is_opened_in_a_currency() -> None:
    given().when(create(1, currency="EUR", user="u1")).then(opened(1, currency="EUR", user="u1"))


def test_an_account_is_opened_once() -> None:
    given(opened(1)).when(create(2)).then_raises(AccountAlreadyExists)
    given(opened(2)).when(create(1)).then_raises(AccountAlreadyExists)


def test_opening_again_with_the_same_id_but_another_currency_or_owner_is_refused() -> None:
    given(opened(1)).when(create(1, currency="EUR")).then_raises(CommandReused)
    given(opened(1)).when(create(1, user="u1")).then_raises(CommandReused)


def test_an_account_keeps_its_owner_whatever_is_booked_on_it() -> None:
    history = (opened(1, user="u1"), deposited(2, 100, balance=100))
    given(*history).when(create(1, user="u1")).then_nothing()
    given(*history).when(create(1, user="u2")).then_raises(CommandReused)


def test_an_account_is_opened_only_in_a_currency_that_exists() -> None:
    given().when(create(1, currency="Kč")).then_raises(UnknownCurrency)


@pytest.mark.parametrize("union", [AccountCommand, AccountEvent, Account])
def test_commands_events_and_states_are_final_and_frozen(union: object) -> None:
    for cls in get_args(union):
        assert cls.__final__
        assert cls.__struct_config__.frozen


def test_an_accounts_stream_carries_its_id() -> None:
    assert ACCOUNTS.stream("a-1.b_c") == "account-a-1.b_c"


# Deposits.


def test_a_deposit_raises_the_balance() -> None:
    given(opened(1)).when(deposit(2, 100)).then(deposited(2, 100, balance=100))


def test_a_deposit_to_an_account_that_does_not_exist_opens_it() -> None:
    given().when(deposit(1, 100)).then(opened(1), deposited(1, 100, balance=100))


@pytest.mark.parametrize("amount", [0, -1])
def test_a_deposit_or_withdrawal_of_zero_or_less_is_refused(amount: int) -> None:
    given(opened(1)).when(deposit(2, amount)).then_raises(InvalidAmount)
    given(opened(1)).when(withdraw(2, amount)).then_raises(InvalidAmount)


def test_an_amount_that_is_not_exact_everywhere_is_refused() -> None:
    given(opened(1)).when(deposit(2, LIMIT)).then_raises(InvalidAmount)
    given(opened(1)).when(deposit(2, LIMIT - 1)).then(deposited(2, LIMIT - 1, balance=LIMIT - 1))


def test_a_balance_that_would_not_be_exact_everywhere_is_refused() -> None:
    full = deposited(2, LIMIT - 1, balance=LIMIT - 1)
    given(opened(1), full).when(deposit(3, 1)).then_raises(BalanceOutOfRange)
    empty = withdrawn(2, LIMIT - 1, balance=1 - LIMIT)
    given(opened(1), empty).when(record(3, -1)).then_raises(BalanceOutOfRange)


def test_an_account_is_kept_in_one_currency() -> None:
    given(opened(1)).when(deposit(2, 100, currency="EUR")).then_raises(CurrencyMismatch)
    given(opened(1)).when(withdraw(2, 100, currency="EUR")).then_raises(CurrencyMismatch)
    given(opened(1)).when(record(2, 100, currency="EUR")).then_raises(CurrencyMismatch)


def test_a_command_without_a_currency_means_the_accounts_own() -> None:
    given(opened(1, currency="EUR")).when(deposit(2, 100, currency=None)).then(
        deposited(2, 100, balance=100, currency="EUR")
    )
    rich = deposited(2, 100, balance=100, currency="EUR")
    given(opened(1, currency="EUR"), rich).when(withdraw(3, 40, currency=None)).then(
        withdrawn(3, 40, balance=60, currency="EUR")
    )


def test_a_deposit_without_a_currency_opens_an_account_in_the_default_one() -> None:
    given().when(deposit(1, 100, currency=None, opens_in="JPY")).then(
        opened(1, currency="JPY"), deposited(1, 100, balance=100, currency="JPY")
    )


def test_an_amount_counts_in_the_decimals_of_the_accounts_currency() -> None:
    ten = msgspec.structs.replace(deposit(2, 1, currency=None), amount=Amount(10, 0))
    given(opened(1, currency="JPY")).when(ten).then(deposited(2, 10, balance=10, currency="JPY"))
    given(opened(1, currency="KWD")).when(ten).then(deposited(2, 10_000, balance=10_000, currency="KWD"))


def test_an_amount_with_more_decimals_than_the_accounts_currency_is_refused() -> None:
    given(opened(1, currency="JPY")).when(deposit(2, 150, currency=None)).then_raises(InvalidAmount)


def test_the_value_date_is_the_day_of_booking_unless_given() -> None:
    earlier = DAY - timedelta(days=40)
    given(opened(1)).when(deposit(2, 1)).then(deposited(2, 1, balance=1, value_date=DAY))
    given(opened(1)).when(deposit(2, 1, value_date=earlier)).then(
        deposited(2, 1, balance=1, value_date=earlier)
    )


@pytest.mark.parametrize("note", ["x" * (NOTE_LENGTH + 1), "two\nlines", "a\x00b"])
def test_a_note_is_one_short_line(note: str) -> None:
    given(opened(1)).when(deposit(2, 1, note=note)).then_raises(InvalidNote)


def test_a_note_is_kept_as_it_was_written() -> None:
    note = "nájem <b>" + "x" * (NOTE_LENGTH - 9)
    given(opened(1)).when(deposit(2, 1, note=note)).then(deposited(2, 1, balance=1, note=note))


@pytest.mark.parametrize("reference", ["x" * (REFERENCE_LENGTH + 1), "two\nlines", "a\x00b"])
def test_a_reference_is_one_short_line(reference: str) -> None:
    given(opened(1)).when(deposit(2, 1, reference=reference)).then_raises(InvalidReference)


def test_a_reference_is_kept_as_it_was_written() -> None:
    reference = "invoice 2026/17" + "x" * (REFERENCE_LENGTH - 15)
    given(opened(1)).when(deposit(2, 1, reference=reference)).then(
        deposited(2, 1, balance=1, reference=reference)
    )


# Withdrawals.


def test_a_withdrawal_lowers_the_balance() -> None:
    given(opened(1), deposited(2, 100, balance=100)).when(withdraw(3, 100)).then(withdrawn(3, 100, balance=0))


def test_a_withdrawal_beyond_the_balance_is_refused() -> None:
    given(opened(1), deposited(2, 10_000, balance=10_000)).when(withdraw(3, 10_001)).then_raises(
        InsufficientFunds, "100.00 CZK available", "less than 100.01"
    )


def test_a_withdrawal_from_an_account_that_does_not_exist_is_refused() -> None:
    given().when(withdraw(1, 1)).then_raises(UnknownAccount)


# Entries that happened elsewhere.


def test_a_recorded_entry_is_never_refused_because_funds_are_missing() -> None:
    given(opened(1)).when(record(2, -100)).then(withdrawn(2, 100, balance=-100))
    given(opened(1)).when(record(2, 100)).then(deposited(2, 100, balance=100))


def test_a_recorded_entry_opens_the_account_it_names() -> None:
    given().when(record(1, -100)).then(opened(1), withdrawn(1, 100, balance=-100))


def test_a_recorded_entry_of_zero_is_refused() -> None:
    given(opened(1)).when(record(2, 0)).then_raises(InvalidAmount)


def test_an_overdrawn_account_takes_deposits_and_refuses_withdrawals() -> None:
    overdrawn = withdrawn(2, 100, balance=-100)
    given(opened(1), overdrawn).when(deposit(3, 30)).then(deposited(3, 30, balance=-70))
    given(opened(1), overdrawn).when(withdraw(3, 1)).then_raises(InsufficientFunds)


# One effect per command id.


def test_a_repeated_command_books_nothing() -> None:
    given(opened(1), deposited(2, 100, balance=100), withdrawn(3, 40, balance=60)).when(
        deposit(2, 100)
    ).then_nothing()
    given(opened(1), deposited(2, 100, balance=100), withdrawn(3, 100, balance=0)).when(
        withdraw(3, 100)
    ).then_nothing()


def test_a_repetition_on_a_later_day_is_the_same_command() -> None:
    given(opened(1), deposited(2, 100, balance=100)).when(
        deposit(2, 100, booked_on=DAY + timedelta(days=1))
    ).then_nothing()


def test_a_command_id_with_another_body_is_refused() -> None:
    history = (opened(1), deposited(2, 100, balance=100))
    given(*history).when(deposit(2, 101)).then_raises(CommandReused)
    given(*history).when(withdraw(2, 100)).then_raises(CommandReused)
    given(*history).when(deposit(2, 100, note="other")).then_raises(CommandReused)
    given(*history).when(deposit(2, 100, reference="other")).then_raises(CommandReused)
    given(*history).when(deposit(2, 100, currency="EUR")).then_raises(CommandReused)
    given(*history).when(deposit(2, 100, value_date=date(2020, 1, 1))).then_raises(CommandReused)


def test_the_id_that_opened_an_account_books_nothing_on_it() -> None:
    given(opened(1)).when(deposit(1, 100)).then_raises(CommandReused)


def test_the_id_of_a_deposit_that_opened_an_account_does_not_create_it_again() -> None:
    given(opened(1), deposited(1, 100, balance=100)).when(create(1)).then_raises(CommandReused)
    long_ago = (opened(1), *_deposits(1, 2 * WINDOW))
    given(*long_ago).when(create(1)).then_raises(CommandReused)


def test_commands_and_events_name_their_account_and_the_effect_of_the_command() -> None:
    commands = (create(1), deposit(1, 1), withdraw(1, 1), record(1, 1))
    events = (opened(1), deposited(1, 1, balance=1), withdrawn(1, 1, balance=-1))
    for each in (*commands, *events):
        assert (each.aggregate_id, each.effect_id) == (ACCOUNT, entry_id(1))


def test_the_same_id_on_two_accounts_is_two_entries() -> None:
    assert deposit(1, 1).effect_id != deposit(1, 1, account="b").effect_id


def test_an_id_beyond_the_window_is_refused_and_not_booked() -> None:
    history = (opened(0), *_deposits(1, 2 * WINDOW))
    given(*history).when(deposit(1, 1)).then_raises(CommandTooOld)
    given(*history).when(deposit(WINDOW, 1)).then_raises(CommandTooOld)
    given(*history).when(deposit(WINDOW + 1, 1)).then_nothing()


def test_a_recorded_entry_beyond_the_window_is_known_and_books_nothing() -> None:
    history = (opened(0), *_deposits(1, 2 * WINDOW))
    given(*history).when(record(1, 1)).then_nothing()


def _deposits(first: int, count: int) -> tuple[AccountEvent, ...]:
    """Deposits of 1 with ids from `first` on, on an account with balance 0."""
    return tuple(deposited(first + n, 1, balance=n + 1) for n in range(count))
