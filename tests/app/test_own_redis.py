"""A complete Daybook with a Redis user that has only the rights that docs/operations.md lists."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import redis

from tests.kit.node import PROJECT
from tests.kit.stack import stack
from tests.kit.valkey import valkey

pytestmark = pytest.mark.every_server


def rights() -> list[str]:
    """The line of the manual that begins with `ACL SETUSER`, without the user's name."""
    (line,) = [
        line.strip()
        for line in (PROJECT / "docs" / "operations.md").read_text().splitlines()
        if line.strip().startswith("ACL SETUSER daybook ")
    ]
    return line.split()[3:]


def verb(name: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "app", name, "--data", str(data), "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_rights_in_the_manual_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server_program: Path
) -> None:
    data = tmp_path / "var"
    with valkey(program=server_program) as server, redis.Redis.from_url(server.url) as admin:
        admin.execute_command("ACL", "SETUSER", "daybook", *rights())
        monkeypatch.setenv("DAYBOOK_REDIS_URL", server.url.replace("unix://", "unix://daybook:secret@"))
        with stack(data) as running, httpx.Client(base_url=running.url, timeout=10) as http:
            booked = http.post("/api/accounts/anna/deposits", json={"amount": "12.34"}).json()
            shown = http.get("/api/accounts/anna", params={"min_position": booked["position"]}).json()
            assert shown["balance"] == "12.34"
            assert http.get("/health/ready").json()["parts"]["read_models"] == "ok"
            for line in verb("rebuild", data).stdout.splitlines():
                assert json.loads(line)["flipped"]
            assert json.loads(verb("verify", data).stdout)["equal"]
            assert verb("status", data).returncode == 0
