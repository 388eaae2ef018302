"""`daybook trace`, and one correlation id all the way: request, events, reactor, log lines, tree."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from app.messages import verbs as messages
from tests.kit.node import PROJECT
from tests.kit.projector import until
from tests.kit.stack import Stack, stack

pytestmark = pytest.mark.slow

ORDER = "order-7/line:3?x"
SENT = {"X-Correlation-ID": ORDER}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def whole(data: Path) -> Iterator[Stack]:
    """A Daybook that logs all that it can, in which one request has led to several events."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAYBOOK_LOG", "debug")
        patch.setenv("DAYBOOK_LOG_FORMAT", "json")
        with stack(data) as running:
            with httpx.Client(base_url=running.url, headers=SENT, timeout=10, trust_env=False) as http:
                _act(http)
            yield running


def _act(http: httpx.Client) -> None:
    """A hold that expires at once, on a new account."""
    expires = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    assert http.post("/api/accounts/anna/deposits", json={"amount": "100"}).status_code == 201
    held = http.post("/api/accounts/anna/holds", json={"amount": "12.50", "expires": expires})
    assert held.status_code == 201, held.text
    address = f"/api/trace/{quote(ORDER, safe='')}"
    until(lambda: "HoldExpired" in http.get(address).text, 30)


def trace(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "app", "trace", *arguments, "--data", str(data)]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "DAYBOOK_LOG": "warning"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_tree_is_printed_with_times_and_amounts(whole: Stack, data: Path) -> None:
    done = trace(data, ORDER)
    assert (done.returncode, done.stderr) == (0, "")
    opened, paid, placed, expired = done.stdout.splitlines()
    for line, words in (
        (opened, r"\+0 ms  account-anna/0  AccountCreated  by api"),
        (paid, r"\+\d+ ms  account-anna/1  MoneyDeposited  100.00  CZK  by api"),
        (placed, r"\+\d.*  account-anna/2  HoldPlaced  12.50  CZK  by api"),
        (expired, r"\+\d.*    account-anna/3  HoldExpired  12.50  CZK  by reactor"),
    ):
        assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z +{words}", line), line


def test_as_json_it_is_one_document_with_the_events_and_their_children(whole: Stack, data: Path) -> None:
    (line,) = trace(data, ORDER, "--json").stdout.splitlines()
    found = json.loads(line)
    assert (found["correlation_id"], found["more"]) == (ORDER, 0)
    assert [event["metadata"]["$correlationId"] for event in found["events"]] == [ORDER] * 4
    placed, expired = found["events"][2:]
    assert (placed["children"], expired["children"]) == ([expired["id"]], [])
    assert expired["metadata"]["$causationId"] == placed["id"]
    answered = httpx.get(f"{whole.url}/api/trace/{quote(ORDER, safe='')}", trust_env=False)
    assert answered.json() == found


def test_it_is_continued_after_a_position(whole: Stack, data: Path) -> None:
    found = json.loads(trace(data, ORDER, "--json").stdout)["events"]
    rest = trace(data, ORDER, "--json", "--after", str(found[1]["position"]))
    assert json.loads(rest.stdout)["events"] == found[2:]


def test_an_id_that_no_event_has_is_refused(whole: Stack, data: Path) -> None:
    done = trace(data, "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert messages.no_trace("nobody") in done.stderr


def test_lines_of_the_web_process_and_of_the_reactor_have_the_id(whole: Stack, data: Path) -> None:
    def parts() -> set[str]:
        lines = [json.loads(line) for line in list(whole.lines) if line.startswith("{")]
        return {line["part"] for line in lines if line.get("correlation") == ORDER}

    until(lambda: {"web", "reactor"} <= parts())


def test_without_running_servers_it_is_found_too(whole: Stack, data: Path) -> None:
    """The last test of this module: it stops them."""
    before = trace(data, ORDER).stdout
    assert whole.stop() == 0
    assert trace(data, ORDER).stdout == before
