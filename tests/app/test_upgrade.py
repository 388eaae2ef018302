"""A data folder of version 0.1 is served: its log as it is, its read models built again in their new versions."""

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from uuid import UUID, uuid5

import httpx
import redis

from tests.kit.node import PROJECT
from tests.kit.projector import until
from tests.kit.stack import stack

FIXTURE = PROJECT / "tests" / "fixtures" / "data-0.1"
KEYS = UUID(int=7)
"""The namespace of the UUIDv5s that are the idempotency keys of the fixture's commands."""


def unpacked(folder: Path) -> Path:
    with tarfile.open(FIXTURE / "folder.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_every_answer_is_the_same_as_before(tmp_path: Path) -> None:
    answers = json.loads((FIXTURE / "answers.json").read_text())
    data = unpacked(tmp_path / "data")
    with stack(data) as running, httpx.Client(base_url=running.url) as http:
        until(lambda: http.get("/health/ready").json()["parts"]["read_models"] == "ok")
        for path, expected in answers.items():
            assert http.get(path).json() == expected
        addresses = json.loads((data / "addresses.json").read_text())
        with redis.Redis.from_url(addresses["redis_url"]) as client:
            live = [client.get(f"daybook:projection:{name}") for name in ("balances", "history", "feed")]
    assert live == [b"2:3", b"3:3", b"2:3"]


def test_a_command_that_was_booked_before_is_recognised_and_a_new_one_is_booked(tmp_path: Path) -> None:
    data = unpacked(tmp_path / "data")
    with stack(data) as running, httpx.Client(base_url=running.url) as http:
        again = http.post(
            "/api/accounts/anna/deposits",
            json={"amount": "1250.50", "note": "salary <b>červen</b>", "value_date": "2026-06-30"},
            headers={"Idempotency-Key": str(uuid5(KEYS, "salary"))},
        )
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        too_old = http.post(
            "/api/accounts/busy/deposits",
            json={"amount": "1.00", "note": "n0"},
            headers={"Idempotency-Key": str(uuid5(KEYS, "0"))},
        )
        assert too_old.status_code == 409
        new = http.post("/api/accounts/anna/deposits", json={"amount": "0.01"})
        assert new.json()["balance"] == "1250.01"
        position = new.json()["position"]
        shown = http.get("/api/accounts/anna", params={"min_position": position}).json()
        assert shown["balance"] == "1250.01"
        verified = subprocess.run(
            [sys.executable, "-m", "app", "verify", "--json", "--data", str(data)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            timeout=60,
        )
        assert json.loads(verified.stdout)["equal"]
    shutil.rmtree(data)
