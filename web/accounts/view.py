"""One account and its history, as its page shows them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

import msgspec

from projections.engine.clients import Redis
from projections.engine.reading import ReadModelMissing
from projections.engine.stopped import Stopped
from projections.readmodels import balances, history, transfers
from projections.readmodels.balances import AccountRow
from projections.readmodels.history import Entry, Reversal
from projections.readmodels.transfers import Transfer
from web import messages
from web.accounts.actions import ON_ACCOUNT, ON_HOLD, REVERSE, Action, offered
from web.http.rendering import PAGE_ROWS, TemplateContext
from web.services import Services


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """`row` is None if the account does not exist. Each of the two read models may be missing.

    `reversals` has those of the entries that were undone, by entry id, `transfers` the transfers of entries.
    """

    row: AccountRow | None = None
    stopped: Stopped | None = None
    entries: tuple[Entry, ...] = ()
    reversals: Mapping[UUID, Reversal] = {}
    transfers: Mapping[UUID, Transfer] = {}
    balance_missing: bool = False
    entries_missing: bool = False

    @property
    def older(self) -> int | None:
        """The position before which there may be more entries; None if all are shown."""
        return self.entries[-1].position if len(self.entries) == PAGE_ROWS else None

    def shows(self, entry_id: UUID) -> bool:
        return any(entry.entry_id == entry_id for entry in self.entries)

    def offers_reversal_of(self, entry: Entry) -> bool:
        """The one place that says which rows offer it. It may still be refused, if there is not enough money."""
        if entry.entry_id in self.reversals or not self._ends_well(entry):
            return False
        return self.row is not None and bool(offered(self.row, [REVERSE]))

    def _ends_well(self, entry: Entry) -> bool:
        """An entry of a transfer is reversed with it. One that is not known yet will arrive in a moment."""
        if entry.transfer_id is None:
            return True
        known = self.transfers.get(entry.transfer_id)
        arrived = known is None or (known.state == "completed" and known.reversed_by is None)
        return arrived and entry.type != "MoneyReturned"

    def reversed_by(self, entry: Entry) -> UUID | None:
        """The transfer that undoes the one that the entry belongs to."""
        known = self.transfers.get(entry.transfer_id) if entry.transfer_id else None
        return known.reversed_by if known else None


async def account(services: Services, account_id: str, before: int | None = None) -> TemplateContext:
    row, stopped, balance_missing = await _row(services.redis, account_id)
    entries, reversals, entries_missing = await _entries(services.redis, account_id, before)
    view = AccountView(
        row=row,
        stopped=stopped,
        entries=entries,
        reversals=reversals,
        transfers=await _transfers(services.redis, entries),
        balance_missing=balance_missing,
        entries_missing=entries_missing,
    )
    return {"view": view, "account_id": account_id, "before": before}


async def _row(redis: Redis, account_id: str) -> tuple[AccountRow | None, Stopped | None, bool]:
    try:
        row = await balances.account(redis, account_id)
        stopped = row.stopped if row else await balances.stopped(redis, account_id)
    except ReadModelMissing:
        return None, None, True
    return row, stopped, False


async def _entries(
    redis: Redis, account_id: str, before: int | None
) -> tuple[tuple[Entry, ...], Mapping[UUID, Reversal], bool]:
    try:
        entries = await history.entries(redis, account_id, before=before, limit=PAGE_ROWS)
        return entries, await history.reversals(redis, [entry.entry_id for entry in entries]), False
    except ReadModelMissing:
        return (), {}, True


async def _transfers(redis: Redis, entries: Iterable[Entry]) -> Mapping[UUID, Transfer]:
    """Those that the entries belong to, as far as they are known."""
    wanted = {entry.transfer_id for entry in entries if entry.transfer_id}
    with suppress(ReadModelMissing):
        return await transfers.several(redis, wanted) if wanted else {}
    return {}


def entry_kind(type_: str) -> str:
    return messages.IN_THE_HISTORY.get(type_, type_)


def on_account(row: AccountRow) -> list[Action]:
    """What its page offers in addition to deposits and withdrawals."""
    return offered(row, ON_ACCOUNT)


def on_hold(row: AccountRow) -> list[Action]:
    return offered(row, ON_HOLD)
