"""Positions that come from outside: of an event, of none, beyond the log."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import pytest

from eventstore.memory import MemoryStore
from eventstore.store import NoSuchPosition, Recorded
from projections.engine.clients import reader
from tests.kit.importing import no_imports
from tests.kit.journal import Journal
from tests.kit.users import fresh_keys
from tests.kit.web import Api
from tests.web.kit import codes_of, problem_of
from web.app import services_of
from web.events.api import read_events
from web.http.inputs import BadInput
from web.services import Services

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
        codes = codes_of(problem_of(api.http.get(f"{path}{position}"), 422, "invalid-input"))
        assert set(codes.values()) == {"beyond-the-log"}


def test_a_list_of_events_goes_on_below_the_position_and_beyond_the_log_from_its_end(api: Api) -> None:
    older, newer = deposited(api)["position"], deposited(api)["position"]
    found = api.http.get("/api/events", params={"before": newer, "limit": 500}).json()["events"]
    positions = [event["position"] for event in found]
    assert positions == sorted(positions, reverse=True)
    assert older in positions
    assert newer not in positions
    assert api.http.get("/api/events", params={"before": 0}).json()["events"] == []
    for far in (newer + 10**6, *_FAR):
        (newest,) = api.http.get("/api/events", params={"before": far, "limit": 1}).json()["events"]
        assert newest["position"] >= newer


class Exact(MemoryStore):
    """As EventStoreDB, it reads only from where an event is. It counts how often it was asked for its end."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal.records)
        self.positions = [each.position for each in journal.records.all]
        self.asked = 0

    async def read_all(
        self, *, prefixes: Sequence[str], before: int | None = None, limit: int
    ) -> list[Recorded]:
        if before is not None and before not in self.positions:
            raise NoSuchPosition("no event is there")
        return await super().read_all(prefixes=prefixes, before=before, limit=limit)

    async def head(self) -> int:
        self.asked += 1
        return await super().head()


@pytest.fixture
async def exact() -> AsyncIterator[tuple[Exact, Services]]:
    journal = Journal()
    for amount in range(1, 10):
        journal.book("anna", amount)
    store = Exact(journal)
    async with reader("redis://127.0.0.1:1") as nowhere:
        yield store, services_of(store, nowhere, fresh_keys(), no_imports(), "CZK", {})


async def test_a_list_of_events_goes_on_only_from_a_position_of_the_log(
    exact: tuple[Exact, Services],
) -> None:
    store, services = exact
    for wrong in (1, store.positions[5] - 1, store.positions[5] + 1):
        with pytest.raises(BadInput) as caught:
            await read_events.fn(services, before=wrong)
        assert [(error.field, error.code) for error in caught.value.errors] == [("before", "not-from-a-page")]
    assert len((await read_events.fn(services, before=store.positions[-1] + 1)).events) == len(
        store.positions
    )


async def test_the_pages_of_a_list_of_events_ask_once_how_far_the_log_goes(
    exact: tuple[Exact, Services],
) -> None:
    store, services = exact
    page = await read_events.fn(services, limit=2)
    read = [event.position for event in page.events]
    while page.before is not None:
        page = await read_events.fn(services, before=page.before, limit=2)
        read += [event.position for event in page.events]
    assert (read, store.asked) == (store.positions[::-1], 1)
