"""A data folder of an earlier version is served: its log as it is, its read models built again in their new versions.

`answers.json` holds what that version answered to GET, `commands.json` what it answered to commands that were repeated.
Later versions may add fields to an answer.
"""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from projections.engine.generations import live
from projections.readmodels import NAMES, READ_MODELS
from tests.kit.node import PROJECT
from tests.kit.projector import until
from tests.kit.stack import stack

pytestmark = pytest.mark.parametrize("version", ["0.1", "0.2"])


def kept(version: str, name: str) -> Any:
    """What a JSON file of the fixture says."""
    return json.loads((PROJECT / "tests" / "fixtures" / f"data-{version}" / name).read_text(encoding="utf-8"))


@contextmanager
def served(version: str, data: Path) -> Iterator[httpx.Client]:
    with tarfile.open(PROJECT / "tests" / "fixtures" / f"data-{version}" / "folder.tar.xz") as archive:
        archive.extractall(data, filter="data")
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with stack(data) as running, httpx.Client(base_url=running.url) as http:
        until(lambda: http.get("/health/ready").json()["parts"]["read_models"] == "ok")
        yield http


def says(new: Any, old: Any) -> bool:
    """Whether `new` says all that `old` says. It may have more fields."""
    if isinstance(old, dict):
        return all(name in new and says(new[name], value) for name, value in old.items())
    if isinstance(old, list):
        return len(new) == len(old) and all(map(says, new, old))
    return bool(new == old)


def lines(verb: str, data: Path) -> list[dict[str, Any]]:
    """What a verb prints as JSON, a document on each line."""
    command = [sys.executable, "-m", "app", verb, "--json", "--data", str(data)]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, timeout=60)
    assert done.returncode == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_answer_is_the_same_as_before(version: str, tmp_path: Path) -> None:
    with served(version, tmp_path) as http:
        assert [path for path in (tmp_path, *tmp_path.rglob("*")) if path.stat().st_mode & 0o077] == []
        for path, expected in kept(version, "answers.json").items():
            answer = http.get(path).json()
            assert says(answer, expected), (path, answer)
        addresses = json.loads((tmp_path / "addresses.json").read_text())
        with redis.Redis.from_url(addresses["redis_url"]) as client:
            found = [live(client, model.name) for model in READ_MODELS]
    assert [each and each.version for each in found] == [model.version for model in READ_MODELS]


def test_a_command_that_was_booked_before_is_recognised_and_a_new_one_is_booked(
    version: str, tmp_path: Path
) -> None:
    balance = Decimal(kept(version, "answers.json")["/api/accounts/anna"]["balance"])
    with served(version, tmp_path) as http:
        for command in kept(version, "commands.json"):
            again = http.post(
                command["path"], json=command["body"], headers={"Idempotency-Key": command["key"]}
            )
            assert again.status_code == command["status"]
            assert says(again.json(), command["answer"]), (command, again.text)
            assert again.is_error or again.headers["Idempotent-Replayed"] == "true"
        new = http.post("/api/accounts/anna/deposits", json={"amount": "0.01"}).json()
        assert Decimal(new["balance"]) == balance + Decimal("0.01")
        shown = http.get("/api/accounts/anna", params={"min_position": new["position"]}).json()
        assert shown["balance"] == new["balance"]
        assert [report["equal"] for report in lines("verify", tmp_path)] == [True]


def test_rebuilding_every_read_model_finds_no_difference(version: str, tmp_path: Path) -> None:
    with served(version, tmp_path):
        reports = lines("rebuild", tmp_path)
        found = {report["projection"]: (report["differences"], report["flipped"]) for report in reports}
        assert found == dict.fromkeys(NAMES, (0, True))
        assert [report["equal"] for report in lines("verify", tmp_path)] == [True]
