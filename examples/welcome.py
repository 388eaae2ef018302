"""A reactor to copy: a welcome letter, as a file, for each new person.

It knows the person by id. The log has the name only in sealed form.
"""

import asyncio
import os
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from domain.users import UserCreated
from eventstore.codec import Fact
from eventstore.store import time_of
from reactors.reactor import Begins, Reactor, Tools


def welcome(folder: Path, since: datetime) -> Reactor:
    """Letters are written to `folder`, none for people who were created before `since`."""

    def plan(fact: Fact[UserCreated]) -> Begins | None:
        created = time_of(fact.recorded)
        return Begins(fact.event.user_id, due=created) if created >= since else None

    async def write(fact: Fact[UserCreated], _: Tools) -> bool:
        letter = folder / f"{fact.recorded.event_id}.txt"
        await asyncio.to_thread(_write_once, letter, f"Welcome, {fact.event.user_id}!\n")
        return True

    return Reactor(name="welcome", events=(UserCreated,), plan=plan, act=write)


def _write_once(file: Path, text: str) -> None:
    """The file is complete or absent, also after a crash. One that exists stays as it is."""
    if file.exists():
        return
    with NamedTemporaryFile("w", dir=file.parent, encoding="utf-8", delete=False) as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    os.replace(written.name, file)
