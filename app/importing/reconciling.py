"""The log against the bank: is each transaction booked once, and does it explain the change of the bank's balance?"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from app.importing.statement import Transaction
from domain.money import format_amount

ROUNDING: Final = 10
"""The bank rounded interest by at most this many minor units."""

Booked = Mapping[UUID, Sequence[int]]
"""The signed amounts of an account's entries in the log, by entry id: one each, unless something is wrong."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that the log does not explain. Amounts are decimal strings; `booked` is None if it is missing."""

    account_id: str
    date: date
    reference: str
    bank: str
    booked: str | None
    times_booked: int


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """How many changes of the bank's balances the log explains exactly, up to rounding, or not.

    Transactions that a rule refused are in none of the counts: they were not to be booked.
    `wrong` counts those that the log has wrong: not booked once, or with another amount than the file's.
    """

    exact: int
    rounded: int
    differing: int
    wrong: int
    differences: Sequence[Difference]


def reconcile(
    transactions: Iterable[Transaction], booked: Mapping[str, Booked], refused: Collection[UUID] = ()
) -> Reconciliation:
    """`transactions` in the bank's order on each account; without balances, a change is the transaction's amount.

    `refused` are the command ids of those that a rule refused.
    """
    kinds: Counter[str] = Counter()
    differences = []
    balances: dict[str, int] = defaultdict(int)
    for transaction in transactions:
        command = transaction.command
        step = _step(transaction, balances)
        if command.command_id in refused:
            continue
        amounts = booked[command.account_id].get(command.effect_id, ())
        kind = _kind(step, amounts)
        kinds[kind] += 1
        kinds["wrong"] += list(amounts) != [command.amount]
        if kind == "differing":
            differences.append(_difference(transaction, step, amounts))
    return Reconciliation(
        exact=kinds["exact"],
        rounded=kinds["rounded"],
        differing=kinds["differing"],
        wrong=kinds["wrong"],
        differences=differences,
    )


def _step(transaction: Transaction, balances: dict[str, int]) -> int:
    command = transaction.command
    if transaction.balance is None:
        return command.amount
    step = transaction.balance - balances[command.account_id]
    balances[command.account_id] = transaction.balance
    return step


def _kind(step: int, amounts: Sequence[int]) -> str:
    if len(amounts) != 1:
        return "differing"
    off = abs(step - amounts[0])
    return "exact" if off == 0 else "rounded" if off == ROUNDING else "differing"


def _difference(transaction: Transaction, step: int, amounts: Sequence[int]) -> Difference:
    command = transaction.command
    return Difference(
        account_id=command.account_id,
        date=command.booked_on,
        reference=transaction.reference,
        bank=format_amount(step, command.currency),
        booked=format_amount(sum(amounts), command.currency) if amounts else None,
        times_booked=len(amounts),
    )
