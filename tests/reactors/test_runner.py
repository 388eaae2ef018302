"""Reactors of all kinds: how one is added, and what happens to it while the log fails."""

import logging
import shutil
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from commands.accounts import Accounts
from domain.accounts import AccountClosed, AccountCreated
from eventstore.codec import Fact, origin
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.personal.keys import KeyStore
from eventstore.store import EventLog, Subscription
from reactors import checkpoint
from reactors.agenda import Progress
from reactors.holds import HOLDS
from reactors.reactor import Begins, Ends, Reactor, Tools, context
from tests.kit.accounts import create, deposit
from tests.kit.contexts import context_of
from tests.kit.node import Node
from tests.kit.reactors import YESTERDAY, Log, endings, place_holds, position_of, reacting, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAST = YESTERDAY + timedelta(hours=1)


def letters(file: Path, spoiled: str = "") -> Reactor:
    """A letter for each new account, as a line of `file`."""

    def plan(fact: Fact[AccountCreated | AccountClosed]) -> Begins | Ends:
        event = fact.event
        if isinstance(event, AccountClosed):
            return Ends(event.account_id)
        return Begins(event.account_id, due=YESTERDAY)

    async def write(fact: Fact[AccountCreated], _: Tools) -> bool:
        if fact.event.account_id == spoiled:
            raise OSError("no paper")
        with file.open("a") as opened:
            opened.write(f"{fact.event.account_id}\n")
        return True

    return Reactor(name="letters", events=(AccountCreated, AccountClosed), plan=plan, act=write)


async def open_accounts(log: Log, *accounts: str) -> None:
    front = Accounts(log.store)
    for number, account in enumerate(accounts):
        command = create(number, account=account)
        await front.handle(command, context_of(command))


async def saved(log: Log, name: str, is_so: Callable[[Progress], bool]) -> bool:
    stored = await checkpoint.load(log.store, name)
    return stored.written is not None and is_so(stored.progress)


def everything(progress: Progress) -> bool:
    return progress.after == progress.reached and progress.tasks == 0


async def test_a_reactor_acts_once_on_each_event_and_not_again_after_a_restart(
    log: Log, tmp_path: Path
) -> None:
    file = tmp_path / "letters"
    await open_accounts(log, "a", "b")
    async with reacting(log, [letters(file)]):
        await until(lambda: file.exists() and len(file.read_text().split()) == 2)
        await open_accounts(log, "c", "d")
        await until(lambda: len(file.read_text().split()) == 4)
        head = (await log.store.read_all(prefixes=["account-"], limit=1))[0].position
        await until(lambda: saved(log, "letters", lambda it: it.reached >= head and everything(it)))
    async with reacting(log, [letters(file)]):
        await open_accounts(log, "e")
        await until(lambda: "e" in file.read_text())
    assert sorted(file.read_text().split()) == ["a", "b", "c", "d", "e"]


class Noted:
    """Opens a log, and notes each subscription to it and from where it was asked for."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.after: list[int | None] = []
        self.subscriptions: list[Subscription] = []

    def __call__(self) -> EventLog:
        opened = self._log.open_log()
        subscribe = opened.subscribe

        def noted(
            *, prefixes: Sequence[str], after: int | None, without: Collection[str] = ()
        ) -> Subscription:
            self.after.append(after)
            self.subscriptions.append(subscribe(prefixes=prefixes, after=after, without=without))
            return self.subscriptions[-1]

        opened.subscribe = noted  # type: ignore[method-assign]
        return opened


async def test_a_new_session_goes_on_from_what_was_read_and_not_from_the_last_event_of_its_own(
    log: Log, tmp_path: Path
) -> None:
    await open_accounts(log, "a")
    own = (await log.store.read_all(prefixes=["account-"], limit=1))[0].position
    noted, front = Noted(log), Accounts(log.store)
    async with reacting(replace(log, open_log=noted), [letters(tmp_path / "letters")]):
        await until(lambda: len(noted.after) == 1)
        others = [deposit(number, 1, account="a") for number in range(10, 310)]
        await front.handle_all(others, [context_of(each) for each in others])
        await until(lambda: saved(log, "letters", lambda it: it.reached > own and everything(it)))
        noted.subscriptions[0].stop()
        await until(lambda: len(noted.after) == 2)
    assert (noted.after[1] or 0) > own


async def test_a_task_that_fails_is_reported_once_and_stops_nothing(
    log: Log, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "letters"
    await open_accounts(log, "a", "b", "c")
    hours = timedelta(0)
    async with reacting(log, [letters(file, spoiled="b")], clock=lambda: datetime.now(UTC) + hours):
        await until(lambda: saved(log, "letters", lambda it: it.stuck == 1))
        hours = timedelta(hours=1)
        await open_accounts(log, "d")
        await until(lambda: "d" in file.read_text())
        assert sorted(file.read_text().split()) == ["a", "c", "d"]
    assert [record.message.count("no paper") for record in caplog.records] == [1]


async def test_lines_about_a_task_and_its_events_have_the_correlation_id_of_the_request(log: Log) -> None:
    """Also while other tasks are done at the same time."""
    lines = list[tuple[str, str]]()

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append((record.getMessage(), context().get("correlation", "")))

    handler, logger = Lines(), logging.getLogger("daybook.reactor")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    accounts = [f"a{number}" for number in range(20)]
    for account in accounts:
        await place_holds(log.store, account, [PAST], correlation_id=f"of {account}")
    try:
        async with reacting(log, [HOLDS]):
            for account in accounts:
                await until(lambda account=account: ended(log, account, 1))  # type: ignore[misc]
            await until(lambda: sum("acted on" in line for line, _ in lines) >= len(accounts))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    for account in accounts:
        *_, placed, expired = await log.store.read_stream(f"account-{account}")
        assert origin(expired).correlation_id == f"of {account}"
        assert origin(expired).causation_id == placed.event_id
        (said,) = {correlation for line, correlation in lines if line.endswith(f"of account-{account}")}
        assert said == f"of {account}"


async def test_a_bug_in_one_reactor_does_not_end_the_others(log: Log) -> None:
    def plan(fact: Fact[Any]) -> None:
        raise KeyError(fact.event.account_id)

    broken = Reactor(name="broken", events=(AccountCreated,), plan=plan, act=HOLDS.act)
    async with reacting(log, [broken, HOLDS]):
        await place_holds(log.store, "a", [PAST])
        await until(lambda: ended(log, "a", 1))


async def test_a_log_that_was_set_back_is_read_again_from_the_checkpoint(
    own_node: Node, keys: KeyStore, tmp_path: Path
) -> None:
    file, copy = tmp_path / "log.db", tmp_path / "copy.db"
    store = EsdbStore(own_node.uri)
    log = Log(store, lambda: EsdbLog(own_node.uri), keys)
    ahead = timedelta(0)
    await place_holds(store, "kept", [datetime.now(UTC) + timedelta(hours=1)])
    own_node.stop()
    shutil.copy(file, copy)
    own_node.start()
    async with reacting(log, clock=lambda: datetime.now(UTC) + ahead):
        lost = await place_holds(store, "lost", [datetime.now(UTC) + timedelta(hours=1)] * 5)
        await until(
            lambda: saved(log, "holds", lambda it: it.reached >= position_of(lost[-1]) and it.tasks == 6)
        )
        put_back(own_node, copy, file)
        await place_holds(store, "new", [PAST])
        await until(lambda: ended(log, "new", 1))
        ahead = timedelta(hours=2)
        await until(lambda: ended(log, "kept", 1))
    assert (await endings(store, ["lost"])).total() == 0
    assert not await saved(log, "holds", lambda it: it.stuck > 0)
    await store.close()


def put_back(node: Node, copy: Path, file: Path) -> None:
    """The node's log is what it was."""
    node.stop()
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    shutil.copy(copy, file)
    node.start()


async def ended(log: Log, account: str, count: int) -> bool:
    return (await endings(log.store, [account])).total() >= count
