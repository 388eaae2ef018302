"""Another user of the machine who knows all addresses can neither read nor write: not the files, the log or Redis."""

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.processes.addresses import Servers, servers
from app.settings import Settings

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

NOBODY = pwd.getpwnam("nobody").pw_uid

INTRUDER = '''
"""Prints what the user with the id in the first argument can do in the data folder and with the servers, and cannot."""
import os, sys
from pathlib import Path
import redis
from esdbclient import EventStoreDBClient, NewEvent, StreamState

user, data, esdb_uri, redis_url = int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
paths = [path for path in data.rglob("*") if path.is_file() and path.name != "letter"]
log = EventStoreDBClient(esdb_uri + "&DefaultDeadline=2")
client = redis.Redis.from_url(redis_url, socket_timeout=2)
os.setgroups([]); os.setgid(user); os.setuid(user)
event = NewEvent(type="Forged", data=b"{}")
attempts = {
    **{f"read {path.name}": lambda path=path: path.open("rb").close() for path in paths},
    **{f"write {path.name}": lambda path=path: path.open("ab").close() for path in paths},
    "make a file": lambda: (data / "forged").touch(),
    "list the keys": lambda: list((data / "keys").iterdir()),
    "read the log": lambda: log.get_commit_position(),
    "append": lambda: log.append_to_stream("s", current_version=StreamState.ANY, events=event),
    "read Redis": lambda: client.get("a"),
    "write Redis": lambda: client.set("a", "b"),
}
for what, attempt in attempts.items():
    try:
        attempt()
        print("can", what)
    except Exception:
        print("cannot", what)
'''


@pytest.fixture(params=["with other things", "deep"])
def data(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder that everybody can reach: what refuses is what Daybook makes."""
    with tempfile.TemporaryDirectory(prefix="daybook-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder, "d" * 200 if request.param == "deep" else "data")
        if request.param == "with other things":
            data.mkdir()
            (data / "letter").touch()
            data.chmod(0o755)
        yield data


def tried(user: int, data: Path, found: Servers) -> dict[str, bool]:
    """What was tried, and whether it worked."""
    command = [sys.executable, "-c", INTRUDER, str(user), str(data), found.esdb_uri, found.redis_url]
    lines = subprocess.check_output(command, text=True, timeout=60).splitlines()
    return {what: can == "can" for can, _, what in (line.partition(" ") for line in lines)}


def test_another_user_can_neither_read_nor_write(data: Path) -> None:
    with servers(Settings(data=data)) as found:
        (data / "keys").mkdir(mode=0o700)
        (data / "secret").touch(mode=0o600)
        of_nobody, of_root = tried(NOBODY, data, found), tried(os.geteuid(), data, found)
    assert {"read secret", "read node.sqlite", "write addresses.json", "read the log", "append"} <= set(
        of_nobody
    )
    assert [what for what, worked in of_nobody.items() if worked] == []
    assert [what for what, worked in of_root.items() if not worked] == []
