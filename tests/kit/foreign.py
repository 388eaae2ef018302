"""What other programs may write to accounts, and what is stopped by it."""

from typing import Final
from uuid import UUID

import redis

from domain.accounts import AccountCreated, MoneyDeposited
from domain.identifiers import AccountId
from projections.audit.reading import stopped
from projections.engine import generations
from projections.engine.stopped import Stopped
from tests.kit.journal import DAY

TOMBSTONE: Final = 2**63 - 1


def deposited(account_id: str, amount: int, balance: int, currency: str = "CZK") -> MoneyDeposited:
    """It can follow only if `balance` is right."""
    return MoneyDeposited(
        account_id=AccountId(account_id),
        entry_id=UUID(int=amount),
        amount=amount,
        currency=currency,
        balance=balance,
        value_date=DAY,
    )


def opened_again(account_id: str) -> AccountCreated:
    return AccountCreated(account_id=AccountId(account_id), currency="CZK", opened_by=UUID(int=7))


def stops(client: redis.Redis, name: str) -> list[Stopped]:
    """The streams that are stopped in the live generation of a read model."""
    found = generations.live(client, name)
    assert found
    return stopped(client, found)
