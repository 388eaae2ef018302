"""A process manager that carries a transfer on, and may be killed between any two appends."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from commands.accounts import Accounts
from commands.transfers import Transfers
from commands.users import Users
from domain.accounts import BalanceOutOfRange
from domain.transfers import TRANSFERS
from eventstore.store import Appended, EventStore, NewEvent
from eventstore.streams import readable
from reactors.reactor import Tools
from reactors.transfers import carry_on
from tests.bank.people import keys

ALL: Final = 100
"""More appends than a transfer takes."""


class Killed(Exception):
    pass


class Mortal:
    """The log of a process that is killed after `left` appends; `is_late`: before the last of them is answered."""

    def __init__(self, store: EventStore, left: int, *, is_late: bool) -> None:
        self._store, self._left, self._is_late = store, left, is_late
        self.read_stream, self.read_all = store.read_stream, store.read_all
        self.head, self.first, self.close = store.head, store.first, store.close

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: int) -> Appended:
        if self._left == 0:
            raise Killed
        appended = await self._store.append(stream, events, expected=expected)
        self._left -= 1
        if self._left == 0 and self._is_late:
            raise Killed
        return appended


async def carried_on(
    log: EventStore,
    transfer_id: UUID,
    now: Callable[[], datetime],
    writes: int = ALL,
    *,
    is_late: bool = False,
) -> None:
    """To its end, or until the process is killed, or until there is no room for the money that comes back."""
    store = Mortal(log, writes, is_late=is_late)
    accounts = Accounts(store)
    tools = Tools(
        store=store,
        accounts=accounts,
        users=Users(store, keys()),
        transfers=Transfers(store, accounts),
        now=now,
    )
    (request,) = await store.read_stream(TRANSFERS.stream(str(transfer_id)), limit=1)
    with suppress(Killed, BalanceOutOfRange):
        assert await carry_on(readable(request), tools)
