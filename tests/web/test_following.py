"""Of several web processes each follows the log. One that is alone only hears what other programs change."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from app.processes import web as process
from app.settings import Settings
from eventstore.memory import MemoryLog, MemoryStore, MemorySubscription, Records
from projections.engine.clients import reader
from tests.commands.bank import until
from tests.kit.importing import Importing
from tests.kit.users import fresh_keys
from tests.kit.valkey import Valkey, valkey
from web.app import create_app
from web.http.server import App

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")

CATEGORIES = ("account", "user", "transfer", "import")


class Noted(MemoryLog):
    """`subscribed` is what its subscriptions asked for."""

    def __init__(self, records: Records, subscribed: list[tuple[str, ...]]) -> None:
        super().__init__(records)
        self._subscribed = subscribed

    def subscribe(
        self, *, prefixes: Sequence[str], after: int | None, without: Collection[str] = ()
    ) -> MemorySubscription:
        self._subscribed.append(tuple(prefixes))
        return super().subscribe(prefixes=prefixes, after=after, without=without)


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """As an ASGI server starts and ends it."""
    wanted, said = asyncio.Queue[str](), asyncio.Queue[str]()

    async def receive() -> Any:
        return {"type": await wanted.get()}

    async def send(message: Any) -> None:
        said.put_nowait(message["type"])

    serving = asyncio.create_task(cast(Any, app.asgi)({"type": "lifespan", "state": {}}, receive, send))
    for step in ("startup", "shutdown"):
        wanted.put_nowait(f"lifespan.{step}")
        assert await said.get() == f"lifespan.{step}.complete"
        if step == "startup":
            yield
    await serving


@pytest.mark.parametrize("is_one_of_several", [False, True])
async def test_what_it_subscribes_to(server: Valkey, tmp_path: Path, is_one_of_several: bool) -> None:
    records, subscribed = Records(), list[tuple[str, ...]]()
    store = MemoryStore(records)
    app = create_app(
        store=store,
        open_log=lambda: Noted(records, subscribed),
        redis=reader(server.url),
        keys=fresh_keys(),
        importer=Importing(store, lambda: MemoryLog(records), tmp_path),
        secret="secret",
        currency="CZK",
        is_one_of_several=is_one_of_several,
    )
    async with running(app):
        await until(lambda: len(subscribed) == len(CATEGORIES))
    both = [(f"$${each}-", f"{each}-") if is_one_of_several else (f"$${each}-",) for each in CATEGORIES]
    assert sorted(subscribed) == sorted(both)


@pytest.mark.parametrize("number", [None, 1])
def test_one_with_a_number_is_one_of_several(
    server: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    built: list[bool] = []

    def create(*, is_one_of_several: bool, **_: Any) -> None:
        built.append(is_one_of_several)

    monkeypatch.setattr(process, "create_app", create)
    for name in ("configure", "serve", "_collect_seldom"):  # they would change this process, or stay
        monkeypatch.setattr(process, name, lambda *_: None)
    settings = Settings(port=0, data=tmp_path, esdb_uri="esdb://127.0.0.1:1?tls=false", redis_url=server.url)
    process.web(settings, lambda *_: cast(Any, None), number=number)
    assert built == [number is not None]
