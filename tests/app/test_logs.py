"""Log lines of the processes: as text or as JSON, with the same fields from every part."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.logs import FORMATS, LEVELS, configure, format_for, line
from app.messages import running as messages
from app.refusal import Refusal
from app.settings import load
from tests.kit.node import PROJECT

FIELDS = {"time", "level", "part", "message"}


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize("form", FORMATS)
def test_a_line_may_name_its_own_correlation_id(capsys: pytest.CaptureFixture[str], form: str) -> None:
    configure("projector", "info", form)
    for named in ("order-7", ""):
        logging.getLogger("daybook.projector").warning("stopped", extra={"correlation": named})
    first, second = capsys.readouterr().err.splitlines()
    if form == "json":
        assert (json.loads(first)["correlation"], "correlation" in json.loads(second)) == ("order-7", False)
    else:
        assert (first, second) == (
            "WARNING daybook.projector [order-7]: stopped",
            "WARNING daybook.projector: stopped",
        )


def test_a_line_of_json_has_time_level_part_and_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("web", "info", "json", lambda: {"request": "r1", "actor": "api", "route": "GET /x"})
    logging.getLogger("daybook.web").warning("Žluťoučký %s", "kůň")
    logging.getLogger("daybook.web").debug("not at this level")
    found = json.loads(capsys.readouterr().err)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found.pop("time"))
    assert found == {
        "level": "warning",
        "part": "web",
        "logger": "daybook.web",
        "message": "Žluťoučký kůň",
        "request": "r1",
        "actor": "api",
        "route": "GET /x",
    }


def test_a_traceback_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure("projector", "debug", "json")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("x").exception("it failed")
    (text,) = capsys.readouterr().err.splitlines()
    assert "ValueError: two" in json.loads(text)["message"]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "control", ["\n", "\r", "\x0b", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u202e", "\u200b", "\U000e0041"]
)
def test_a_message_is_one_line_whatever_it_holds(
    capsys: pytest.CaptureFixture[str], form: str, control: str
) -> None:
    configure("web", "info", form)
    logging.getLogger("x").warning("before %s after", control)
    written = capsys.readouterr().err
    (text,) = written.splitlines()
    assert control not in text
    assert text.isprintable()
    if form == "json":
        assert json.loads(text)["message"] == f"before {control} after"


def test_a_line_of_text_has_the_request_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    context = {"request": "r1", "correlation": "order-7", "route": "GET /x"}
    configure("web", "info", "text", lambda: context)
    logging.getLogger("daybook.web").warning("during it")
    context.clear()
    logging.getLogger("daybook.web").warning("after it")
    during, after = capsys.readouterr().err.splitlines()
    assert during == "WARNING daybook.web [order-7 r1 GET /x]: during it"
    assert after == "WARNING daybook.web: after it"


def test_output_of_a_part_becomes_json_unless_it_is_json() -> None:
    own = '{"time": "t", "level": "info", "part": "web", "message": "m"}'
    assert line("web", own) == own
    for text in ("ready", '{"time": 1}', "{" * 100_000, "{", '"x"'):
        found = json.loads(line("valkey", text))
        assert found.keys() == FIELDS
        assert (found["part"], found["message"]) == ("valkey", text)


def test_text_is_for_terminals_unless_json_is_chosen() -> None:
    assert format_for(None) == "json"
    assert format_for("text") == "text"


@pytest.mark.parametrize("variable", ["DAYBOOK_LOG", "DAYBOOK_LOG_FORMAT"])
def test_a_level_or_format_that_does_not_exist_is_refused(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = {"DAYBOOK_LOG": LEVELS, "DAYBOOK_LOG_FORMAT": FORMATS}[variable]
    refusal = messages.invalid_setting(variable, messages.not_a_choice("loud", choices))
    with pytest.raises(Refusal, match=re.escape(refusal)):
        load(environ={variable: "loud"})


def test_every_part_of_a_daybook_logs_json_with_fields_of_requests(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "app", "up", "--port", "0", "--data", str(tmp_path / "data")]
    environ = {"DAYBOOK_LOG": "debug", "DAYBOOK_LOG_FORMAT": "json"}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            argv, cwd=PROJECT, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **environ}
        )
        assert process.stdout
        with process.stdout as output:
            url = output.readline().split()[-1]
            identifier = httpx.get(f"{url}/api/accounts/anna").headers["x-request-id"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    lines = [json.loads(text) for text in (tmp_path / "log").read_text().splitlines()]
    assert all(found.keys() >= FIELDS for found in lines)
    assert {"node", "projector", "web"} <= {found["part"] for found in lines}
    (asked,) = (found for found in lines if found.get("request") == identifier)
    assert (asked["actor"], asked["route"]) == ("api", "GET /api/accounts/{account_id}")
