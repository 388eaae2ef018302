"""What an operator sees of stopped streams: `status`, `parked`, `verify`, the log, an import. All parts are real."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projections.readmodels import READ_MODELS
from tests.kit.foreign import other_program
from tests.kit.node import PROJECT
from tests.kit.stack import Stack, stack
from tests.kit.web import Api


class Running:
    """A Daybook with three accounts of 50.00: one with an event that cannot be read, one with a limit, one whole."""

    def __init__(self, data: Path, running: Stack) -> None:
        self.data, self.stack, self.api = data, running, Api(running.url)
        for account in ("broken", "limited", "whole"):
            self.api.deposit(account, "50.00")
        with other_program(running.esdb_uri) as other:
            other.scribble("broken")
            other.limit("limited", {"$maxCount": 1})
        self.api.shown("whole", self.api.deposit("whole", "1.00")["position"])

    def run(self, *arguments: str) -> tuple[int, list[Any]]:
        """The exit code and what was printed, a JSON document a line."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments, "--data", str(self.data), "--json"],
            cwd=PROJECT,
            env={name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_ESDB")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def daybook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("stopped")
    with stack(data) as running:
        made = Running(data, running)
        yield made
        made.api.http.close()


REVISIONS = {"account-broken": 2, "account-limited": 2}
OF_ACCOUNTS = [model.name for model in READ_MODELS if "account" in model.categories]
"""The read models in which the streams stop."""


def test_status_lists_them_with_the_reason(daybook: Running) -> None:
    code, lines = daybook.run("status")
    models = [each for each in lines if "kind" not in each]
    assert (code, len(models)) == (0, len(READ_MODELS))
    for model in (each for each in models if each["name"] in OF_ACCOUNTS):
        assert model["parked"] == 2
        assert {each["stream"]: each["revision"] for each in model["stopped"]} == REVISIONS
        assert all(each["stream"] in each["reason"] for each in model["stopped"])


def test_parked_lists_each_once_with_its_read_models(daybook: Running) -> None:
    code, streams = daybook.run("parked")
    assert code == 0
    assert {each["stream"]: each["revision"] for each in streams} == REVISIONS
    assert all(each["read_models"] == OF_ACCOUNTS for each in streams)


def test_verify_names_them_once_a_read_model_and_exits_1(daybook: Running) -> None:
    code, [found] = daybook.run("verify")
    assert (code, found["equal"], len(found["differences"])) == (1, False, 2 * len(OF_ACCOUNTS))
    for stream in REVISIONS:
        assert sum(stream in each for each in found["differences"]) == len(OF_ACCOUNTS)


def test_a_rebuild_flips_without_a_difference(daybook: Running) -> None:
    code, models = daybook.run("rebuild")
    assert code == 0
    assert [(each["differences"], each["flipped"]) for each in models] == [(0, True)] * len(READ_MODELS)


def test_the_log_says_it_when_it_happens(daybook: Running) -> None:
    warnings = [line for line in daybook.stack.lines if "is stopped" in line]
    assert {stream for stream in REVISIONS if any(stream in line for line in warnings)} == set(REVISIONS)


def test_an_import_goes_on_with_the_others_and_lists_them(daybook: Running, tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"
    lines = [("broken", 1), ("whole", 2), ("limited", 3), ("broken", 4), ("whole", 5)]
    file.write_text(
        "account,date,amount,note\n"
        + "".join(f"{account},2026-01-0{n},1.00,line {n}\n" for account, n in lines)
    )
    code, [report] = daybook.run("import", str(file))
    assert (code, report["booked"], report["already_booked"]) == (1, 2, 0)
    listed = {each["account_id"]: each["transactions"] for each in report["stopped"]}
    assert listed == {"broken": 2, "limited": 1}
    assert all(f"account-{each['account_id']}" in each["reason"] for each in report["stopped"])
    code, [again] = daybook.run("import", str(file))
    assert (code, again["booked"], again["already_booked"]) == (1, 0, 2)


def test_a_stream_that_is_whole_again_is_used_at_once(daybook: Running) -> None:
    """The last test of these: it undoes the limit."""
    with other_program(daybook.stack.esdb_uri) as other:
        other.limit("limited", {})
    deadline = time.monotonic() + 10
    body = {"amount": "1.00"}
    while (answer := daybook.api.post("/api/accounts/limited/deposits", body)).status_code != 201:
        assert time.monotonic() < deadline, answer.text
    assert "stopped" not in daybook.api.shown("limited", answer.json()["position"])
    _, streams = daybook.run("parked")
    assert [each["stream"] for each in streams] == ["account-broken"]
