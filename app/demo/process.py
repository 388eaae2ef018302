"""The process that plays the demo until it is stopped."""

import asyncio
import signal
from contextlib import suppress

from app.demo.player import play
from app.messages import running as messages
from commands.accounts import Accounts
from commands.transfers import Transfers
from eventstore.esdb import EsdbStore


def run(esdb_uri: str, seed: int) -> int:
    """Runs until SIGTERM or SIGINT. Returns the exit code. Raises ValueError for a bad `esdb_uri`, and as `play`."""
    asyncio.run(_run(esdb_uri, seed))
    return 0


async def _run(esdb_uri: str, seed: int) -> None:
    store = EsdbStore(esdb_uri)
    accounts = Accounts(store)
    playing = asyncio.create_task(play(accounts, Transfers(store, accounts), seed))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, playing.cancel)
    print(messages.DEMO_IS_UP, flush=True)
    try:
        with suppress(asyncio.CancelledError):
            await playing
    finally:
        await store.close()
