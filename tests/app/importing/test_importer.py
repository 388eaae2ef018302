"""Imports from pages in processes of their own, on a real log: carried out, killed, and ended with the web process."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

from app.importing.importer import AT_ONCE, importing_in_processes
from app.importing.recording import start
from app.messages import importing as messages
from app.processes.children import child_environment
from app.settings import Settings
from commands.imports import Imports
from domain.accounts import ACCOUNTS
from domain.imports import IMPORTS, Booked, Existing, Failed, ImportFailed, StartImport, UnderWay
from eventstore.codec import decode
from eventstore.esdb import EsdbStore
from tests.app.importing.test_uploads import chunks
from tests.kit.node import Node, start_node
from tests.kit.reactors import until


class House:
    def __init__(self, node: Node, data: Path) -> None:
        self.store = EsdbStore(node.uri)
        self.imports = Imports(self.store)
        settings = Settings(data=data, esdb_uri=node.uri, redis_url="redis://127.0.0.1:1")
        self.importer = importing_in_processes(settings, Imports(self.store))

    async def started(self, lines: int) -> UUID:
        content = "account,date,amount,note\n" + "".join(
            f"a{number % 50},2026-03-01,{number + 1}.00,n\n" for number in range(lines)
        )
        import_id, digest = uuid4(), await self.importer.keep(chunks(content.encode()))
        await self.again(import_id, digest)
        return import_id

    async def again(self, import_id: UUID, digest: str, *, takes_over: bool = False) -> None:
        command = StartImport(
            import_id=import_id,
            command_id=uuid4(),
            file="march.csv",
            digest=digest,
            format="csv",
            currency="EUR",
            only_check=False,
            takes_over=takes_over,
        )
        self.importer.start(import_id, await start(self.imports, command, "web"))

    async def has_ended(self, import_id: UUID) -> bool:
        return not isinstance(await Imports(self.store).state(import_id), UnderWay)

    async def ended(self, import_id: UUID) -> Existing:
        await until(lambda: self.has_ended(import_id), 60)
        found = await Imports(self.store).state(import_id)
        assert isinstance(found, Existing)
        return found

    async def digest_of(self, import_id: UUID) -> str:
        found = await self.imports.state(import_id)
        assert isinstance(found, Existing)
        return found.standing.digest

    async def reason(self, import_id: UUID) -> str:
        last = (await self.store.read_stream(IMPORTS.stream(str(import_id))))[-1]
        failed = decode(last).event
        assert isinstance(failed, ImportFailed)
        return failed.reason


@asynccontextmanager
async def house_in(data: Path) -> AsyncIterator[House]:
    with start_node() as node:
        house = House(node, data)
        try:
            yield house
        finally:
            await house.importer.close()
            await house.imports.close()
            await house.store.close()


async def test_imports_are_carried_out_two_at_once_and_the_others_wait(tmp_path: Path) -> None:
    async with house_in(tmp_path) as house:
        ids = [await house.started(lines) for lines in (100, 200, 300)]
        at_once = 0
        while not all([await house.has_ended(import_id) for import_id in ids]):
            at_once = max(at_once, len(_children()))
        assert at_once == AT_ONCE
        for import_id in ids:
            assert isinstance(await house.ended(import_id), Booked)
        entries = await house.store.read_stream(ACCOUNTS.stream("a7"))
        assert len(entries) == 1 + 6
        await until(lambda: not _children())


async def test_an_import_whose_process_is_killed_says_so_and_starts_again(tmp_path: Path) -> None:
    async with house_in(tmp_path) as house:
        import_id = await house.started(20_000)
        await until(_children)
        os.kill(_children()[0], signal.SIGKILL)
        assert isinstance(await house.ended(import_id), Failed)
        assert await house.reason(import_id) == messages.ended_by_itself(-signal.SIGKILL)
        assert _children() == []
        await house.again(import_id, await house.digest_of(import_id))
        assert isinstance(await house.ended(import_id), Booked)
        assert len(await house.store.read_stream(ACCOUNTS.stream("a7"))) == 1 + 400


async def test_the_end_of_an_older_process_does_not_end_the_run_that_took_over(tmp_path: Path) -> None:
    async with house_in(tmp_path) as house:
        import_id = await house.started(20_000)
        await until(_children)
        older = _children()[0]
        os.kill(older, signal.SIGSTOP)
        await house.again(import_id, await house.digest_of(import_id), takes_over=True)
        await until(lambda: len(_children()) == AT_ONCE)
        os.kill(older, signal.SIGKILL)
        assert isinstance(await house.ended(import_id), Booked)
        assert len(await house.store.read_stream(ACCOUNTS.stream("a7"))) == 1 + 400


async def test_the_end_of_the_web_process_ends_its_imports_also_those_that_wait(tmp_path: Path) -> None:
    async with house_in(tmp_path) as house:
        ids = [await house.started(60_000) for _ in range(AT_ONCE + 1)]
        await until(lambda: len(_children()) == AT_ONCE)
        await house.importer.close()
        assert _children() == []
        for import_id in ids:
            assert isinstance(await Imports(house.store).state(import_id), Failed)
            assert await house.reason(import_id) == messages.STOPPED_EARLY


def _children() -> list[int]:
    """Processes that carry imports out."""
    found = []
    own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    for child in own:
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except FileNotFoundError:
            continue
        if b"carry-import" in words:
            found.append(int(child))
    return found


FORKS = """
import asyncio, ctypes, sys
from pathlib import Path
from uuid import uuid4
import uvloop
from app.importing.importer import importing_in_processes
from app.settings import Settings

seen = []
before_a_fork = ctypes.CFUNCTYPE(None)(lambda: seen.append(1))
ctypes.CDLL(None).__register_atfork(before_a_fork, None, None, None)

async def main():
    settings = Settings(data=Path(sys.argv[1]), esdb_uri="esdb://127.0.0.1:1?Tls=false", redis_url="redis://127.0.0.1:1")
    return await importing_in_processes(settings, None)._carry_out(uuid4(), uuid4())

print(len(seen), uvloop.run(main()), len(seen))
"""


def test_the_process_of_an_import_is_not_forked(tmp_path: Path) -> None:
    """What gRPC does in a forked child waits for threads that are not there, and the web process for the child."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", FORKS, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=child_environment(),
    )
    code, *said, forks = done.stdout.split()
    assert (code, forks) == ("0", "0"), done
    assert said
