"""Reactors that are stopped: the readiness and the pages say it, and everything else works."""

import time

import pytest

from reactors import messages
from tests.kit.web import Api

SECONDS = 60


@pytest.mark.slow
def test_a_reactor_that_does_not_run_is_named_once_events_wait_for_it(api: Api, name: str) -> None:
    """No reactor runs here."""
    api.deposit(name, "5")
    problem = messages.stopped("holds", messages.NEVER_RAN)
    ready = wait_for(api, "/health/ready", problem)
    assert "reactors" in ready
    page = wait_for(api, "/", problem)
    assert page.index('id="status"') < page.index(problem)


def wait_for(api: Api, path: str, text: str) -> str:
    deadline = time.monotonic() + SECONDS
    while text not in (answer := api.http.get(path)).text:
        assert answer.status_code == 200
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    return answer.text
