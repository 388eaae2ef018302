"""The catalogue says of every event what it means, and what the code does with it."""

import json
from typing import Annotated, Any, Literal

import msgspec
import pytest

from domain.vocabulary import VOCABULARY
from projections.catalogue import Described, catalogue, type_of
from projections.readmodels import NAMES


def name_of(event: Described) -> str:
    return event.name


every_event = pytest.mark.parametrize("event", catalogue(), ids=name_of)


def test_every_event_of_the_vocabulary_is_described() -> None:
    assert [(event.name, event.version) for event in catalogue()] == [
        (known.name, known.version) for known in VOCABULARY
    ]


@every_event
def test_an_event_its_fields_and_its_changes_have_a_meaning(event: Described) -> None:
    assert event.meaning.endswith(".")
    assert [field.name for field in event.fields if not field.meaning] == []
    assert [change.version for change in event.changes] == list(range(2, event.version + 1))
    assert all(change.what for change in event.changes)


@every_event
def test_money_has_a_unit(event: Described) -> None:
    assert [field.name for field in event.fields if field.type == "integer" and not field.unit] == []


@every_event
def test_the_example_has_the_fields_of_the_schema(event: Described) -> None:
    example, schema = json.loads(event.example), json.loads(event.schema)
    assert example.keys() == schema["properties"].keys() == {field.name for field in event.fields}


def test_the_read_models_of_an_event_are_those_that_write_for_it() -> None:
    found = {event.name: event.read_models for event in catalogue()}
    assert found["AccountCreated"] == tuple(name for name in NAMES if name in ("balances", "feed", "trace"))
    assert "history" in found["MoneyDeposited"]


class _Part(msgspec.Struct):
    day: str


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (str, "text"),
        (int | None, "integer or null"),
        (bool, "true or false"),
        (Literal["in", "out"], "in or out"),
        (list[str], "list of text"),
        (_Part, "_Part"),
        (Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})], "time"),
        (Annotated[str, msgspec.Meta(extra_json_schema={"format": "email"})], "text"),
    ],
)
def test_a_type_is_named_in_words(kind: Any, expected: str) -> None:
    (schema,), _ = msgspec.json.schema_components([kind])
    assert type_of(schema) == expected
