"""Every version of every event that was ever written is read for ever, and no event changes its shape without one."""

import copy
import json
from typing import Any

import pytest

from domain.vocabulary import AGGREGATES, BY_NAME, VOCABULARY, EventType
from eventstore.codec import decode, encode
from eventstore.golden import FOLDER, golden
from eventstore.store import Recorded
from tests.kit.accounts import an_id
from tests.kit.journal import metadata_of

WRITTEN = [(known, version) for known in VOCABULARY for version in range(1, known.version + 1)]
"""Every version of every type."""


def name_of(item: object) -> str:
    return item.name if isinstance(item, EventType) else str(item)


every_version = pytest.mark.parametrize(("known", "version"), WRITTEN, ids=name_of)


def data_of(known: EventType, version: int) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(golden(known.name, version))
    return data


def event_of(known: EventType, version: int) -> Any:
    """The event that the codec reads from the golden file."""
    data = golden(known.name, version)
    # The codec refuses an event in the stream of another aggregate, and names the one that it belongs to.
    aggregate_id = next(value for field, value in json.loads(data).items() if field == f"{known.category}_id")
    recorded = Recorded(
        stream=AGGREGATES[known.category].stream(aggregate_id),
        revision=0,
        position=0,
        event_id=str(an_id(1)),
        type=known.name,
        data=data,
        metadata=json.dumps({"schema": version}).encode(),
        created=0,
    )
    return decode(recorded).event


def test_there_is_a_golden_file_of_every_version_and_no_other() -> None:
    found = {path.name for path in FOLDER.glob("*.json")}
    assert found == {f"{known.name}.{version}.json" for known, version in WRITTEN}


@every_version
def test_every_version_that_was_ever_written_is_read(known: EventType, version: int) -> None:
    assert type(event_of(known, version)) is known.cls


@pytest.mark.parametrize("known", VOCABULARY, ids=name_of)
def test_an_event_is_written_in_the_shape_of_its_newest_golden_file(known: EventType) -> None:
    """If this fails, the event needs a new version: raise it in the vocabulary, with an upcaster and a new file."""
    written = encode(event_of(known, known.version), metadata_of(an_id(1)), 0)
    assert json.loads(written.data) == data_of(known, known.version)
    assert json.loads(written.metadata)["schema"] == known.version


@every_version
def test_an_upcaster_does_not_change_what_it_is_given(known: EventType, version: int) -> None:
    data = data_of(known, version)
    for upcast in known.upcasters[version - 1 :]:
        before = copy.deepcopy(data)
        result = upcast(data)
        assert data == before
        data = result


@every_version
def test_upcasters_lead_to_the_fields_of_the_newest_version(known: EventType, version: int) -> None:
    data = data_of(known, version)
    for upcast in known.upcasters[version - 1 :]:
        data = upcast(data)
    assert data.keys() == data_of(known, known.version).keys()


def test_the_user_of_an_account_of_version_1_is_its_holder() -> None:
    assert event_of(BY_NAME["AccountCreated"], 1).holder == "anna"


@pytest.mark.parametrize("name", ["MoneyDeposited", "MoneyWithdrawn"])
def test_an_entry_of_version_1_has_no_reference_and_is_otherwise_as_it_was(name: str) -> None:
    old = data_of(BY_NAME[name], 1)
    written = encode(event_of(BY_NAME[name], 1), metadata_of(an_id(1)), 0)
    assert json.loads(written.data) == {**old, "reference": ""}
