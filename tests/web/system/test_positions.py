"""Positions that come from outside: of an event, of none, beyond the log."""

from typing import Any
from uuid import uuid4

import pytest

from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of

_FAR = (10**12, 2**63 - 1)


def deposited(api: Api) -> dict[str, Any]:
    answer = api.http.post(f"/api/accounts/p{uuid4().hex}/deposits", json={"amount": "1.00"})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("position", _FAR)
@pytest.mark.parametrize(
    "path",
    ["/api/accounts/anna", "/api/users", "/api/users/anna", "/api/trace/anna", f"/api/transfers/{uuid4()}"],
)
def test_a_wait_for_a_position_beyond_the_log_is_refused_at_once(api: Api, path: str, position: int) -> None:
    problem = problem_of(api.http.get(path, params={"min_position": position}), 422, "invalid-input")
    assert codes_of(problem) == {"min_position": "beyond-the-log"}


@pytest.mark.parametrize(
    "path",
    ["/settled?position=", "/accounts/anna?booked=", "/users?deleted=", f"/transfers/{uuid4()}?requested="],
)
def test_a_page_that_waits_for_a_position_beyond_the_log_is_refused(api: Api, path: str) -> None:
    for position in _FAR:
        assert api.http.get(f"{path}{position}").status_code == 422


def test_a_list_of_events_goes_on_only_from_a_position_of_the_log(api: Api) -> None:
    position = deposited(api)["position"]
    newest = api.http.get("/api/events", params={"before": position}).json()["events"]
    assert all(event["position"] < position for event in newest)
    assert api.http.get("/api/events", params={"before": 0}).json()["events"] == []
    for wrong in (1, position - 1, position + 1):
        answer = api.http.get("/api/events", params={"before": wrong})
        if answer.status_code != 200:
            assert codes_of(problem_of(answer, 422, "invalid-input")) == {"before": "not-from-a-page"}
    for far in (position + 10_000, *_FAR):
        assert api.http.get("/api/events", params={"before": far}).json()["events"]
