"""The process of the reactors, with the log of the settings."""

import asyncio
import contextlib
import signal
from typing import Final

from app.logs import configure, format_for
from app.messages import running as messages
from app.messages.verbs import log_silent
from app.processes.keys import open_keys
from app.refusal import Refusal
from app.settings import Settings
from commands.accounts import Accounts
from commands.cache import Cache
from commands.transfers import Transfers
from commands.users import Users
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.personal.keys import KeyStore
from eventstore.store import AccessRefused, StoreError
from reactors import REACTORS
from reactors.lease import Fenced, Lease
from reactors.reactor import Tools, context
from reactors.runner import Work, run_all
from reactors.status import Acting, Status, acting, status

CACHE_BYTES: Final = 8_000_000
"""Of states in memory: of the accounts on which many holds end at the same time."""


def reactor(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    esdb_uri = settings.external_log()
    configure("reactor", settings.log, format_for(settings.log_format), context)
    with contextlib.closing(open_keys(settings)) as keys:
        asyncio.run(_run(esdb_uri, keys))


def check(settings: Settings) -> None:
    """Says which process acts. Refusal if a reactor does not do what it has to."""
    acts, reactors = asyncio.run(look(settings.external_log()))
    print(acts.sentence)
    problems = [each.problem for each in reactors if each.problem]
    if problems:
        raise Refusal(" ".join(problems), 1)


async def look(esdb_uri: str) -> tuple[Acting, tuple[Status, ...]]:
    """Which process acts, and how the reactors are. Refusal if the log does not answer."""
    try:
        store = EsdbStore(esdb_uri)
        try:
            return await acting(store), await status(store, REACTORS)
        finally:
            await store.close()
    except (StoreError, ValueError) as error:
        raise Refusal(log_silent(str(error)), 1) from None


async def _run(esdb_uri: str, keys: KeyStore) -> None:
    running = asyncio.current_task()
    assert running
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    store = EsdbStore(esdb_uri)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await _first_contact(store)
            print(messages.REACTOR_IS_UP, flush=True)
            cache = Cache(CACHE_BYTES)
            lease = Lease(store)
            fenced = Fenced(store, lease)
            accounts, users = Accounts(fenced, cache=cache), Users(fenced, keys, cache=cache)
            transfers = Transfers(fenced, accounts, cache=cache)
            tools = Tools(store=fenced, accounts=accounts, users=users, transfers=transfers)
            await run_all(REACTORS, Work(open_log=lambda: EsdbLog(esdb_uri), tools=tools, lease=lease))
    finally:
        await store.close()


async def _first_contact(store: EsdbStore) -> None:
    """Refusal if the log refuses, and time does not heal it. A log that does not answer is waited for."""
    try:
        await store.head()
    except AccessRefused as error:
        raise Refusal(str(error), 1) from None
    except StoreError:
        return
