"""An importer that is full, a folder without room, a file that is gone, a process that was killed."""

import errno
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest

from app.importing import importer
from domain.imports import IMPORTS, ImportFailed, StartImport
from eventstore.codec import decode
from eventstore.memory import MemoryLog, MemoryStore
from eventstore.store import TICKS_PER_SECOND
from projections.engine.clients import reader
from tests.kit.importing import Importing
from tests.kit.journal import Journal, tell
from tests.kit.projector import project_all
from tests.kit.users import fresh_keys
from tests.kit.valkey import Valkey, valkey
from tests.web.accounts.test_forms import fields_of
from tests.web.imports.kit import statement
from web import messages_on_imports as messages
from web.app import create_app
from web.http import formats
from web.importer import NoRoom
from web.imports import starting

DIGEST = "ab" * 32

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")


class Troubled(Importing):
    """`trouble` is what keeping a file ends with."""

    trouble: Exception | None = None

    async def keep(self, chunks: AsyncIterator[bytes]) -> str:
        if self.trouble is not None:
            raise self.trouble
        return await super().keep(chunks)


class Site:
    """The pages in this process, over a log in memory."""

    def __init__(self, http: httpx.AsyncClient, journal: Journal, importer: Troubled) -> None:
        self.http, self.journal, self.importer = http, journal, importer

    async def send(self) -> httpx.Response:
        form = fields_of((await self.http.get("/import")).text, "file-form")
        fields = {name: text for name, text in form.items() if name not in ("file", "shorten_notes")}
        return await self.http.post("/import", data=fields, files={"file": ("a.csv", statement("1", "x"))})

    async def press(self, import_id: UUID, revision: int, **name: str) -> httpx.Response:
        form = fields_of((await self.http.get(f"/imports/{import_id}")).text, "import-form")
        sent = {**form, "key": str(uuid4()), "revision": str(revision), **name}
        return await self.http.post(f"/imports/{import_id}", data=sent)


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    """Without imports."""
    with valkey() as running:
        project_all(lambda: Journal().log, running.url)
        yield running


@pytest.fixture
async def site(server: Valkey, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(server, tmp_path) as made:
        yield made


def make_full(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("AT_ONCE", "WAITING"):
        monkeypatch.setattr(importer, limit, 0)


@asynccontextmanager
async def opened(server: Valkey, folder: Path) -> AsyncIterator[Site]:
    journal = Journal()
    store = MemoryStore(journal.records)
    troubled = Troubled(store, lambda: MemoryLog(journal.records), folder)
    async with reader(server.url) as redis:
        app = create_app(
            store=store,
            open_log=lambda: journal.log,
            redis=redis,
            keys=fresh_keys(),
            importer=troubled,
            secret="secret",
            currency="CZK",
        )
        transport = httpx.ASGITransport(cast(Any, app.asgi))
        headers = {"accept": "text/html"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as http:
            yield Site(http, journal, troubled)
    await troubled.close()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (NoRoom(), messages.NO_ROOM),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), messages.not_kept(os.strerror(errno.ENOSPC))),
    ],
)
async def test_a_file_that_cannot_be_kept_is_refused_at_the_field(
    site: Site, trouble: Exception, said: str
) -> None:
    site.importer.trouble = trouble
    answer = await site.send()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert f'id="file-error">{said}' in answer.text
    site.importer.trouble = None
    assert (await site.send()).status_code == 303


async def test_no_import_starts_while_too_many_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    make_full(monkeypatch)
    answer = await site.send()
    assert answer.status_code == 503
    assert messages.IS_FULL in answer.text
    assert site.journal.all == []


def begun(site: Site, digest: str = DIGEST) -> UUID:
    """An import that nobody carries out."""
    import_id = uuid4()
    command = StartImport(
        import_id=import_id,
        command_id=uuid4(),
        file="bank.csv",
        digest=digest,
        format="csv",
        currency="CZK",
        only_check=True,
    )
    tell(site.journal, IMPORTS, command)
    return import_id


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """More time has passed than an import may be silent."""
    passed = int(starting.SILENT_SECONDS + 1) * TICKS_PER_SECOND
    monkeypatch.setattr(starting, "now", lambda: formats.now() + passed)


async def test_an_import_that_no_longer_moves_is_taken_over(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = statement("1", "rent").encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    import_id = begun(site, await site.importer.keep(chunks()))
    early = await site.press(import_id, 0, take_over="1")
    assert early.status_code == 409
    assert messages.NOT_SILENT_YET in early.text
    assert (await site.press(import_id, 0, book_similar="1")).status_code == 409
    later(monkeypatch)
    answer = await site.press(import_id, 0, take_over="1")
    assert answer.headers["location"].startswith(f"/imports/{import_id}?started=")
    assert [record.type for record in site.journal.all[:2]] == ["ImportStarted", "ImportStarted"]
    again = await site.press(import_id, 0, take_over="1")
    assert again.headers["location"] == f"/imports/{import_id}"


async def test_a_file_that_is_gone_has_to_be_chosen_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = begun(site)
    later(monkeypatch)
    answer = await site.press(import_id, 0, take_over="1")
    assert answer.headers["location"] == f"/imports/{import_id}"
    failed = decode(site.journal.all[-1]).event
    assert isinstance(failed, ImportFailed)
    assert failed.reason == messages.FILE_IS_GONE


async def test_an_import_is_not_taken_over_while_too_many_wait(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = begun(site)
    later(monkeypatch)
    monkeypatch.setattr(site.importer, "has", lambda digest: True)
    make_full(monkeypatch)
    full = await site.press(import_id, 0, take_over="1")
    assert (full.status_code, full.headers["retry-after"]) == (503, "2")


async def test_a_page_of_an_import_under_way_reloads_itself_without_javascript(site: Site) -> None:
    page = (await site.http.get(f"/imports/{begun(site)}")).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
