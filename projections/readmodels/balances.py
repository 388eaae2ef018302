"""The read model `balances`: an account's row, its place by last change and by balance, and the totals.

rows              account id -> Row            owners   account id -> user id, where it has one
by_change         account id by the commit position of its last event
by_balance:CZK    account id by balance
totals            accounts, events, held:CZK and held:CZK:high
"""

from typing import Final, assert_never

from domain.events import AccountCreated, Entry, MoneyDeposited, MoneyWithdrawn
from projections.facts import Fact
from projections.stored import HIGH, Row
from projections.writes import HashIncrement, HashSet, SortedSetScore, Write

_one_event: Final = HashIncrement("totals", "events", 1)
_one_account: Final = HashIncrement("totals", "accounts", 1)


def project(fact: Fact) -> tuple[Write, ...]:
    event = fact.event
    if type(event) is MoneyDeposited:
        return _entry(fact, event, event.amount)
    if type(event) is MoneyWithdrawn:
        return _entry(fact, event, -event.amount)
    if type(event) is AccountCreated:
        return _created(fact, event)
    assert_never(event)  # type: ignore[arg-type]


def _created(fact: Fact, event: AccountCreated) -> tuple[Write, ...]:
    row = _row(fact, event.currency, 0, None)
    owner = () if event.user_id is None else (HashSet("owners", event.account_id, event.user_id),)
    return (*_placed(event.account_id, row), *owner, _one_account, _one_event)


def _entry(fact: Fact, event: Entry, amount: int) -> tuple[Write, ...]:
    row = _row(fact, event.currency, event.balance, amount)
    return (*_placed(event.account_id, row), *_held(event.currency, amount), _one_event)


def _row(fact: Fact, currency: str, balance: int, last_amount: int | None) -> Row:
    recorded = fact.recorded
    return Row(recorded.position, recorded.revision, recorded.created, currency, balance, last_amount)


def _placed(account_id: str, row: Row) -> tuple[Write, Write, Write]:
    return (
        HashSet("rows", account_id, row),
        SortedSetScore("by_change", account_id, row.position),
        SortedSetScore(f"by_balance:{row.currency}", account_id, row.balance),
    )


def _held(currency: str, amount: int) -> tuple[Write, ...]:
    field = f"held:{currency}"
    if -HIGH < amount < HIGH:
        return (HashIncrement("totals", field, amount),)
    high, low = divmod(abs(amount), HIGH)
    sign = 1 if amount > 0 else -1
    return HashIncrement("totals", field, sign * low), HashIncrement("totals", f"{field}:high", sign * high)
