"""Transfers: what each account answers, what the transfer records of it, and what the process manager asks for next."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.accounts import BalanceOutOfRange, EntryOfTransfer, Existing, UnknownAccount
from domain.errors import CommandReused, InvalidAmount, SameAccount
from domain.idempotency import WINDOW
from domain.money import LIMIT, Amount
from domain.transfers import (
    AnswerOutOfOrder,
    NoAccount,
    TransferEvent,
    TransferExists,
    UnknownTransfer,
)
from tests.kit import spec
from tests.kit.accounts import DAY, an_id, deposit, deposited, opened, reverse
from tests.kit.holds import placed
from tests.kit.lifecycle import closed, frozen
from tests.kit.process import process
from tests.kit.transfers import (
    TRANSFER,
    credit_declined,
    credited,
    debited,
    declined_in,
    declined_out,
    given,
    receive,
    received,
    record,
    refunded,
    refused,
    request,
    requested,
    returned,
    send,
    sent,
    take_back,
)

PAID = deposited(2, 500, balance=500)
AT_B = opened(1, account="b")

# What an account answers.


def test_an_account_sends_money_that_it_has() -> None:
    spec.given(opened(1), PAID).when(send(100)).then(sent(100, balance=400))


def test_an_account_declines_to_send_more_than_is_available() -> None:
    held = placed(3, 450, balance=500, held=450)
    spec.given(opened(1), PAID, held).when(send(100)).then(declined_out("insufficient-funds", balance=500))


def test_a_frozen_account_neither_sends_nor_receives() -> None:
    spec.given(opened(1), PAID, frozen(3, balance=500)).when(send(100)).then(
        declined_out("account-frozen", balance=500)
    )
    spec.given(AT_B, frozen(3, account="b")).when(receive(100)).then(declined_in("account-frozen"))


def test_a_closed_account_does_not_receive() -> None:
    spec.given(AT_B, closed(3, account="b")).when(receive(100)).then(declined_in("account-closed"))


def test_an_account_receives_only_its_own_currency() -> None:
    spec.given(AT_B).when(receive(100, currency="EUR")).then(declined_in("currency-mismatch", of="EUR"))


def test_an_account_does_not_receive_more_than_a_balance_can_be() -> None:
    full = deposited(2, LIMIT - 1, balance=LIMIT - 1, account="b")
    spec.given(AT_B, full).when(receive(1)).then(
        declined_in("balance-out-of-range", amount=1, balance=LIMIT - 1)
    )


def test_an_account_that_declined_answers_the_same_when_it_could_take_the_money() -> None:
    spec.given(AT_B, declined_in("account-frozen")).when(receive(100)).then_nothing()
    spec.given(opened(1), declined_out(), deposited(3, 500, balance=500)).when(send(100)).then_nothing()


def test_an_account_answers_once_also_when_the_answer_was_long_ago() -> None:
    others = [deposited(10 + n, 1, balance=101 + n, account="b") for n in range(2 * WINDOW)]
    spec.given(AT_B, received(100), *others).when(receive(100)).then_nothing()


def test_no_money_opens_an_account() -> None:
    spec.given().when(receive(100)).then_raises(UnknownAccount, "b")
    spec.given().when(send(100)).then_raises(UnknownAccount, "a")


def test_an_account_sends_nothing_when_it_is_not_to_any_more() -> None:
    spec.given(opened(1), PAID).when(send(100, declined="account-changed")).then(
        declined_out("account-changed", balance=500)
    )


def test_what_was_sent_is_not_declined_afterwards() -> None:
    done = (opened(1), PAID, sent(100, balance=400))
    spec.given(*done).when(send(100, declined="account-changed")).then_nothing()


def test_money_comes_back_to_a_frozen_account() -> None:
    before = (opened(1), PAID, sent(100, balance=400), frozen(4, balance=400))
    spec.given(*before).when(take_back(100)).then(returned(100, balance=500))


def test_a_closed_account_that_gets_money_back_is_frozen() -> None:
    paid = deposited(2, 100, balance=100)
    before = (opened(1), paid, sent(100, balance=0), closed(4))
    spec.given(*before).when(take_back(100)).then(returned(100, balance=100))
    after = spec.fold(*before, returned(100, balance=100))
    assert isinstance(after, Existing)
    assert after.standing.state == "frozen"


def test_money_that_would_not_fit_on_the_account_stays_on_its_way() -> None:
    full = deposited(3, LIMIT - 1, balance=LIMIT - 1)
    paid = deposited(2, 100, balance=100)
    spec.given(opened(1), paid, sent(100, balance=0), full).when(take_back(100)).then_raises(
        BalanceOutOfRange
    )


def test_no_command_of_a_client_takes_the_place_of_an_answer() -> None:
    """A client may choose the id of its command, and the ids of a transfer's steps can be worked out."""
    command = msgspec.structs.replace(deposit(3, 1, account="b"), command_id=receive().command_id)
    spec.given(AT_B, *spec.given(AT_B).when(command).events()).when(receive(100)).then(
        received(100, balance=101)
    )


def test_an_entry_of_a_transfer_is_not_reversed_alone() -> None:
    leg = sent(100, balance=400)
    spec.given(opened(1), PAID, leg).when(reverse(9, leg)).then_raises(EntryOfTransfer, str(TRANSFER))


# What a transfer records.


def test_a_transfer_is_requested() -> None:
    given().when(request()).then(requested())


def test_the_day_of_the_request_is_the_value_date_unless_there_is_one() -> None:
    assert requested().value_date == DAY
    assert requested(value_date=DAY - timedelta(1)).value_date == DAY - timedelta(1)


def test_a_transfer_is_between_two_accounts() -> None:
    given().when(request(to_account="a")).then_raises(SameAccount, "a")


def test_a_transfer_moves_more_than_nothing() -> None:
    given().when(request(amount=Amount(0, 2))).then_raises(InvalidAmount)


def test_a_request_with_the_id_of_another_one_is_refused() -> None:
    given(requested()).when(request(amount=Amount(200, 2))).then_raises(CommandReused)


def test_a_transfer_is_requested_by_one_command() -> None:
    given(requested()).when(request(2, transfer=TRANSFER)).then_raises(TransferExists, str(TRANSFER))


# What the process manager asks for, and records of the answer.


def test_nothing_is_asked_for_a_transfer_that_was_not_requested() -> None:
    process().asks_nothing()


def test_the_paying_account_is_asked_first_and_then_the_other_one() -> None:
    process(requested()).asks(send())
    process(requested()).when(sent()).then(debited()).asks(receive())
    process(requested(), debited()).when(received()).then(*credited()).asks_nothing()


def test_accounts_are_told_what_the_request_says() -> None:
    asked: dict[str, Any] = {"note": "rent", "reference": "r1", "value_date": DAY - timedelta(3)}
    process(requested(**asked)).asks(send(**asked))


def test_a_transfer_is_refused_if_the_money_is_not_sent() -> None:
    process(requested()).when(declined_out()).then(refused()).asks_nothing()


def test_a_transfer_is_refused_if_there_is_no_account_that_could_pay() -> None:
    process(requested()).when(NoAccount(step="debit")).then(refused("unknown-account")).asks_nothing()


def test_the_money_goes_back_if_it_is_not_taken() -> None:
    before = (requested(), debited())
    process(*before).when(declined_in()).then(credit_declined()).asks(take_back())
    process(*before, credit_declined()).when(returned()).then(refunded()).asks_nothing()


def test_the_money_goes_back_if_there_is_no_account_that_could_take_it() -> None:
    answered = process(requested(), debited()).when(NoAccount(step="credit"))
    answered.then(credit_declined("unknown-account")).asks(take_back())


@pytest.mark.parametrize("end", [(refused(),), (debited(), *credited())])
def test_an_answer_that_contradicts_the_recorded_one_is_not_taken_for_it(
    end: tuple[TransferEvent, ...],
) -> None:
    """No account answers twice. If another program made it look so, somebody has to look at it."""
    other = msgspec.structs.replace(sent(), entry_id=an_id(77))
    for answer in (other, NoAccount(step="credit"), returned()):
        given(requested(), *end).when(record(answer)).then_raises(AnswerOutOfOrder, str(TRANSFER))


def test_an_answer_to_what_was_not_asked_is_not_recorded() -> None:
    given(requested()).when(record(received())).then_raises(AnswerOutOfOrder, str(TRANSFER))
    given(requested(), debited()).when(record(returned())).then_raises(AnswerOutOfOrder, str(TRANSFER))


def test_a_completed_transfer_is_not_refunded() -> None:
    given(requested(), debited(), *credited()).when(record(returned())).then_raises(AnswerOutOfOrder)


def test_there_is_no_answer_without_a_request() -> None:
    given().when(record(sent())).then_raises(UnknownTransfer, str(TRANSFER))
