"""`daybook rebuild` with the servers of the settings."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.messages import verbs as messages
from projections.readmodels import NAMES
from tests.kit.bookkeeper import bookkeeping
from tests.kit.messages import pattern_of
from tests.kit.node import PROJECT, start_node
from tests.kit.valkey import valkey

pytestmark = pytest.mark.every_server


@pytest.fixture(scope="module")
def environ(server_program: Path) -> Iterator[dict[str, str]]:
    with start_node() as node, valkey(program=server_program) as server:
        with bookkeeping(node.uri):
            pass
        yield {**os.environ, "DAYBOOK_ESDB_URI": node.uri, "DAYBOOK_REDIS_URL": server.url}


def daybook(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, text=True, timeout=60)


def test_every_projection_is_rebuilt_and_reported_as_json_on_a_line_of_its_own(
    environ: dict[str, str],
) -> None:
    for generation in (1, 2):
        done = daybook(environ, "rebuild", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        assert [report["projection"] for report in reports] == list(NAMES)
        for report in reports:
            assert report["events"] >= 2
            assert report["seconds"] > 0
            assert report["events_per_s"] > 0
            assert (report["differences"], report["flipped"], report["generation"]) == (0, True, generation)
    assert [report["keys"] > 0 for report in reports[:3]] == [True] * 3
    assert daybook(environ, "verify").returncode == 0


def test_one_projection_is_rebuilt_and_reported_in_a_sentence(environ: dict[str, str]) -> None:
    done = daybook(environ, "rebuild", "feed")
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert re.fullmatch(pattern_of(messages.rebuilt, name="feed", differences=0), line)


def test_an_unknown_read_model_is_bad_usage(environ: dict[str, str]) -> None:
    done = daybook(environ, "rebuild", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert messages.not_a_read_model("nothing", NAMES) in done.stderr


@pytest.mark.parametrize("gone", ["DAYBOOK_ESDB_URI", "DAYBOOK_REDIS_URL"])
def test_a_server_that_does_not_answer_is_named_and_refused(environ: dict[str, str], gone: str) -> None:
    nowhere = {"DAYBOOK_ESDB_URI": "esdb://127.0.0.1:1?Tls=false", "DAYBOOK_REDIS_URL": "redis://127.0.0.1:1"}
    done = daybook({**environ, gone: nowhere[gone]}, "rebuild")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(messages.refused("rebuild", ".*"), line)
