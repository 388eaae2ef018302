"""A statement's transactions, booked through the write side: many accounts at a time, each transaction once.

What an interrupted run booked is recognised by its ids, so that the next one continues it.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast
from uuid import UUID

import msgspec

from app.importing.posting import Posting, RefusedLine, StoppedAccount, all_of, insisting
from app.importing.reconciling import Booked, Difference, reconcile
from app.importing.statement import Transaction
from app.messages import importing as messages
from commands.accounts import Accounts
from domain.accounts import ACCOUNTS, AccountEvent, MoneyDeposited, MoneyWithdrawn, change
from eventstore.store import EventStore, StreamStopped
from eventstore.streams import readable

Progress = Callable[[str, int, int], None]
"""Called with the name of the current work, the number of items done, and the number of all items."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`exact`, `rounded`, `differing`, `wrong`, `differences`: see `reconciling.Reconciliation`."""

    transactions: int
    booked: int
    already_booked: int
    accounts: int
    exact: int
    rounded: int
    differing: int
    wrong: int
    seconds: float
    transactions_per_s: int
    differences: Sequence[Difference]
    stopped: Sequence[StoppedAccount]
    refused: Sequence[RefusedLine]


async def book(store: EventStore, transactions: Sequence[Transaction], progress: Progress) -> Report:
    """Raises DomainError if a rule refuses a transaction, StoreError or TooContended if the log does not answer.

    The transactions that were booked until then stay booked; another run continues. Accounts that are stopped or closed
    do not keep the others from being booked.
    """
    began = time.monotonic()
    accounts = sorted({transaction.command.account_id for transaction in transactions})
    before = await _booked_on(store, accounts, lambda n: progress(messages.LOOKING_UP, n, len(accounts)))
    missing = [each for each in transactions if each.command.effect_id not in before[each.command.account_id]]
    posting = Posting(Accounts(store), lambda n: progress(messages.BOOKING, n, len(missing)))
    await posting.post(missing)
    after = await _booked_on(store, accounts, lambda n: progress(messages.RECONCILING, n, len(accounts)))
    seconds = time.monotonic() - began
    return Report(
        transactions=len(transactions),
        booked=posting.booked,
        already_booked=len(transactions) - posting.booked - posting.not_booked,
        accounts=len(accounts),
        seconds=round(seconds, 3),
        transactions_per_s=round(len(transactions) / seconds),
        stopped=[posting.stopped[account_id] for account_id in sorted(posting.stopped)],
        refused=sorted(posting.refused.values(), key=lambda each: each.line),
        **msgspec.structs.asdict(reconcile(transactions, after, posting.refused)),
    )


async def _booked_on(
    store: EventStore, accounts: Sequence[str], done: Callable[[int], None]
) -> Mapping[str, Booked]:
    """The state of each account in the log."""
    found: dict[str, Booked] = {}

    async def look_up(account_id: str) -> None:
        found[account_id] = await insisting(lambda: _entries(store, account_id))
        done(len(found))

    await all_of(look_up, accounts)
    return found


async def _entries(store: EventStore, account_id: str) -> Booked:
    """Of a stopped account: those that count."""
    amounts: dict[UUID, list[int]] = defaultdict(list)
    with suppress(StreamStopped):
        for recorded in await store.read_stream(ACCOUNTS.stream(account_id)):
            event = cast(AccountEvent, readable(recorded).event)
            if isinstance(event, MoneyDeposited | MoneyWithdrawn):
                amounts[event.entry_id].append(change(event))
    return amounts
