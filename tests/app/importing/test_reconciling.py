from datetime import date
from uuid import UUID

from app.importing.reconciling import Difference, reconcile
from app.importing.statement import Transaction
from tests.kit.accounts import record


def _transaction(number: int, amount: int, balance: int | None) -> Transaction:
    return Transaction(
        command=record(number, amount), line=number, reference=f"line {number}", balance=balance
    )


def _booked(*transactions: Transaction) -> dict[str, dict[UUID, list[int]]]:
    return {"a": {each.command.effect_id: [each.command.amount] for each in transactions}}


_STATEMENT = [_transaction(1, 1000, 1000), _transaction(2, -300, 700), _transaction(3, 55, 755)]


def test_steps_that_the_log_explains_are_exact() -> None:
    answer = reconcile(_STATEMENT, _booked(*_STATEMENT))
    assert (answer.exact, answer.rounded, answer.differing, answer.wrong) == (3, 0, 0, 0)


def test_a_step_that_the_bank_rounded_is_counted_separately() -> None:
    for off in (10, -10):
        statement = [*_STATEMENT, _transaction(4, 5, 760 + off), _transaction(5, 1, 761 + off)]
        answer = reconcile(statement, _booked(*statement))
        assert (answer.exact, answer.rounded, answer.differing, answer.wrong) == (4, 1, 0, 0)


def test_a_step_of_the_bank_that_is_not_in_the_file_differs_and_is_not_the_logs_fault() -> None:
    statement = [*_STATEMENT, _transaction(4, 5, 960)]
    answer = reconcile(statement, _booked(*statement))
    assert (answer.exact, answer.differing, answer.wrong) == (3, 1, 0)
    assert answer.differences == [
        Difference(
            account_id="a",
            date=date(2026, 1, 5),
            reference="line 4",
            bank="2.05",
            booked="0.05",
            times_booked=1,
        )
    ]


def test_a_transaction_that_the_log_lost_differs() -> None:
    answer = reconcile(_STATEMENT, _booked(*_STATEMENT[:2]))
    assert (answer.exact, answer.differing, answer.wrong) == (2, 1, 1)
    assert (answer.differences[0].booked, answer.differences[0].times_booked) == (None, 0)


def test_a_transaction_that_a_rule_refused_is_not_counted_and_the_bank_s_balance_goes_on() -> None:
    refused = _STATEMENT[1]
    answer = reconcile(
        _STATEMENT, _booked(_STATEMENT[0], _STATEMENT[2]), refused={refused.command.command_id}
    )
    assert (answer.exact, answer.rounded, answer.differing, answer.wrong) == (2, 0, 0, 0)


def test_a_transaction_that_the_log_holds_twice_differs() -> None:
    booked = _booked(*_STATEMENT)
    booked["a"][_STATEMENT[0].command.effect_id].append(1000)
    answer = reconcile(_STATEMENT, booked)
    assert (answer.exact, answer.differing, answer.wrong) == (2, 1, 1)
    assert (answer.differences[0].booked, answer.differences[0].times_booked) == ("20.00", 2)


def test_a_transaction_booked_with_another_amount_differs() -> None:
    booked = _booked(*_STATEMENT)
    booked["a"][_STATEMENT[1].command.effect_id] = [-299]
    answer = reconcile(_STATEMENT, booked)
    assert (answer.exact, answer.differing, answer.wrong) == (2, 1, 1)


def test_other_entries_on_the_account_do_no_harm() -> None:
    booked = _booked(*_STATEMENT, _transaction(9, 7, None))
    assert reconcile(_STATEMENT, booked).exact == 3


def test_without_balances_a_step_is_the_amount() -> None:
    statement = [_transaction(1, 1000, None), _transaction(2, -300, None)]
    answer = reconcile(statement, _booked(statement[0]))
    assert (answer.exact, answer.differing, answer.wrong) == (1, 1, 1)
