"""What other programs may write to accounts, and what is stopped by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import redis
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from domain.accounts import ACCOUNTS, AccountCreated, MoneyDeposited
from domain.identifiers import AccountId
from projections.audit.reading import stopped
from projections.engine import generations
from projections.engine.stopped import Stopped
from projections.readmodels import READ_MODELS
from tests.kit.journal import DAY

TOMBSTONE: Final = 2**63 - 1


class OtherProgram:
    """A client of the same log that is not Daybook."""

    def __init__(self, client: EventStoreDBClient) -> None:
        self._client = client

    def limit(self, account: str, metadata: dict[str, Any]) -> None:
        """Write the metadata of the account's stream."""
        stream = f"account-{account}"
        self._client.set_stream_metadata(stream, metadata=metadata, current_version=StreamState.ANY)

    def scribble(self, account: str) -> None:
        """Write an event that cannot be read."""
        nonsense = NewEvent(type="MoneyDeposited", data=b'{"note":"f\xfcr zwei"}', metadata=b"[" * 9_999)
        stream = f"account-{account}"
        self._client.append_to_stream(stream, current_version=StreamState.ANY, events=[nonsense])


@contextmanager
def other_program(uri: str) -> Iterator[OtherProgram]:
    with EventStoreDBClient(uri) as client:
        yield OtherProgram(client)


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


OF_ACCOUNTS: Final = tuple(model for model in READ_MODELS if ACCOUNTS.category in model.categories)
"""The read models that are made of streams of accounts."""


def stops(client: redis.Redis, name: str) -> list[Stopped]:
    """The streams that are stopped in the live generation of a read model."""
    found = generations.live(client, name)
    assert found
    return stopped(client, found)
