"""Queries while they wait, while Redis is down or was restarted, and after they were cancelled."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import redis as redis_py

from projections.engine import clients
from projections.engine.clients import Redis
from projections.engine.reading import ReadModelUnavailable
from projections.engine.status import position, status
from projections.engine.waiting import Waiting
from projections.readmodels import READ_MODELS
from projections.readmodels.balances import account, accounts, totals
from projections.readmodels.feed import newest as feed
from projections.readmodels.history import entries as history
from tests.kit.journal import Journal
from tests.kit.projector import project_all
from tests.kit.valkey import valkey


@pytest.mark.slow
async def test_a_redis_that_is_down_or_silent_is_unavailable_within_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "QUERY_DEADLINE", 0.3)
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    asks: tuple[Callable[[Redis], Awaitable[object]], ...] = (
        lambda redis: position(redis, READ_MODELS),
        lambda redis: status(redis, READ_MODELS),
        lambda redis: Waiting(redis, READ_MODELS).reached(READ_MODELS, 1, seconds=1),
        lambda redis: account(redis, "a"),
        lambda redis: history(redis, "a"),
        totals,
        feed,
        accounts,
    )
    for url in (f"redis://127.0.0.1:{port}", "unix:///nowhere/socket"):
        redis = clients.reader(url)
        for ask in asks:
            async with asyncio.timeout(3):
                with pytest.raises(ReadModelUnavailable):
                    await ask(redis)
        await redis.aclose()
    silent.close()


async def test_queries_work_again_after_redis_was_restarted(journal: Journal) -> None:
    with valkey("--appendonly", "yes", "--appendfsync", "always") as server:
        journal.book("anna", 5)
        project_all(lambda: journal.log, server.url)
        redis = clients.reader(server.url)
        assert await account(redis, "anna") is not None
        server.kill()
        with pytest.raises(ReadModelUnavailable):
            await account(redis, "anna")
        server.start()
        assert await account(redis, "anna") is not None
        await redis.aclose()


async def test_a_cancelled_query_never_gives_its_answer_to_another(
    journal: Journal, url: str, redis: Redis
) -> None:
    for number in range(20):
        journal.book(f"acc-{number}", number + 1)
    project_all(lambda: journal.log, url)

    async def ask(number: int) -> None:
        row = await account(redis, f"acc-{number}")
        assert row is not None
        assert row.balance == number + 1

    for turn in range(30):
        asking = [asyncio.create_task(ask(number)) for number in range(20)]
        await asyncio.sleep(turn / 10_000)
        for task in asking[::2]:
            task.cancel()
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)


async def test_a_user_who_may_not_ask_about_the_server_learns_how_far_the_read_models_are(
    journal: Journal, url: str, client: redis_py.Redis
) -> None:
    journal.book("anna", 5)
    project_all(lambda: journal.log, url)
    client.acl_setuser(
        "clerk", enabled=True, passwords=["+x"], keys=["*"], categories=["+@all", "-@dangerous"]
    )
    redis = clients.reader(url.replace("unix://", "unix://clerk:x@"))
    found = await status(redis, READ_MODELS)
    assert [(one.state, one.trouble) for one in found] == [("live", None)] * len(READ_MODELS)
    await redis.aclose()
    client.acl_deluser("clerk")
