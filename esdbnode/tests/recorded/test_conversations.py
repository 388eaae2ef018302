"""This node answers like EventStoreDB 24.6: a test for each of 1,155 recorded conversations, and for derived ones."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorded.answers import Json
from tests.recorded.comparing import Difference, differences
from tests.recorded.requests import basic
from tests.recorded.stage import Playing, connect_with, playing, title
from tests.security.kit import node_options

SECONDS = 60.0
_SHOWN = 8


def recording(name: str) -> list[Json]:
    lines = Path(__file__).with_name(f"{name}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def conversations(name: str) -> pytest.MarkDecorator:
    cases = recording(name)
    return pytest.mark.parametrize("case", cases, ids=map(title, cases), scope="module")


def selected(request: pytest.FixtureRequest) -> list[Json]:
    """The conversations of the tests that will run with this fixture."""
    return [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and request.fixturename in item.fixturenames
    ]


@pytest.fixture(scope="module")
def plain(request: pytest.FixtureRequest) -> Iterator[Playing]:
    with playing(selected(request)) as answers:
        yield answers


@pytest.fixture(scope="module")
def projected(request: pytest.FixtureRequest) -> Iterator[Playing]:
    with playing(selected(request), ["--projections"]) as answers:
        yield answers


@pytest.fixture(scope="module")
def guarded(request: pytest.FixtureRequest, certificates: Path, users_file: Path) -> Iterator[Playing]:
    connect = connect_with((certificates / "ca.crt").read_bytes())
    options, admin = node_options(certificates, users_file), [("authorization", basic("admin:changeit"))]
    with playing(selected(request), options, connect, admin) as answers:
        yield answers


@conversations("cases")
def test_streams_answer_as_recorded(case: Json, plain: Playing) -> None:
    assert_as_recorded(case, plain)


@conversations("derived")
def test_streams_answer_like_the_source_code(case: Json, plain: Playing) -> None:
    assert_as_recorded(case, plain)


@conversations("system")
def test_the_systems_links_are_as_recorded(case: Json, projected: Playing) -> None:
    assert_as_recorded(case, projected)


@conversations("users")
def test_rights_are_as_recorded(case: Json, guarded: Playing) -> None:
    assert_as_recorded(case, guarded)


def assert_as_recorded(case: Json, answers: Playing) -> None:
    seen = answers[title(case)].result(SECONDS)
    asked = [step for step in case["steps"] if not step.keys() & {"sleep", "close"}]
    found: list[Difference] = []
    for number, (step, expected, got) in enumerate(zip(asked, case["answers"], seen, strict=True), 1):
        where = f"answer {number} ({next(iter(step))})"
        found += differences(expected, got, where, loose=case["area"] == "checkpoints")
    shown = (f"  {where}: expected {expected!r}, got {got!r}" for where, expected, got in found[:_SHOWN])
    assert not found, "\n".join([title(case), *shown])
