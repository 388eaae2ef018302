"""What the log says about readiness: only changes, and which parts fail."""

import logging

import pytest

from web import messages
from web.system.health import Readiness

LOG, REDIS = {"log": "no answer"}, {"read_models": "no answer", "projector": "no answer"}


def said(caplog: pytest.LogCaptureFixture, *answers: dict[str, str]) -> list[tuple[int, str]]:
    readiness = Readiness()
    with caplog.at_level(logging.DEBUG, "daybook.web"):
        for failing in answers:
            readiness.note(failing)
    return [(record.levelno, record.getMessage()) for record in caplog.records]


def test_a_process_that_is_ready_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert said(caplog, {}, {}) == []


def test_each_change_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    assert said(caplog, {}, LOG, LOG, LOG | REDIS, REDIS, {}, {}) == [
        (logging.WARNING, "Not ready: log: no answer"),
        (logging.WARNING, "Not ready: log: no answer; read_models: no answer; projector: no answer"),
        (logging.WARNING, "Not ready: read_models: no answer; projector: no answer"),
        (logging.WARNING, messages.READY),
    ]


def test_other_words_about_the_same_part_are_no_change(caplog: pytest.LogCaptureFixture) -> None:
    assert len(said(caplog, {}, {"log": "no answer"}, {"log": "no connection"})) == 1


def test_a_start_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert said(caplog, REDIS, {}, REDIS) == [
        (logging.INFO, "Not ready: read_models: no answer; projector: no answer"),
        (logging.INFO, messages.READY),
        (logging.WARNING, "Not ready: read_models: no answer; projector: no answer"),
    ]
