"""The catalogue: every event with all that the code says about it. Nothing here is a list that somebody keeps.

Meaning, types and units come from the event's class, changes from the docstrings of upcasters, the example from the
golden file, the read models from what they write for the example.
"""

import inspect
import json
from functools import cache
from typing import Any, Final

import msgspec

from domain.decider import Decider, Event
from domain.outcomes import commands_to
from domain.vocabulary import AGGREGATES, VOCABULARY, EventType
from eventstore.codec import UNKNOWN_ACTOR, Fact
from eventstore.golden import golden
from eventstore.store import Recorded
from projections.readmodels import READ_MODELS

_FORMATS: Final = {"uuid": "UUID", "date": "date", "date-time": "time"}
_TYPES: Final = {"string": "text", "boolean": "true or false"}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`meaning` and `unit` come from the annotation of the field."""

    name: str
    type: str
    unit: str
    meaning: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became different in `version`."""

    version: int
    what: str


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """An event type. `example` and `schema` (JSON Schema 2020-12) are JSON, indented."""

    name: str
    meaning: str
    stream: str
    version: int
    changes: tuple[Change, ...]
    fields: tuple[Field, ...]
    commands: tuple[str, ...]
    read_models: tuple[str, ...]
    example: str
    schema: str


@cache
def catalogue() -> tuple[Described, ...]:
    """In the order of the vocabulary."""
    return tuple(map(_described, VOCABULARY))


def _described(known: EventType) -> Described:
    schema = schema_of(known)
    example = golden(known.name, known.version)
    return Described(
        name=known.name,
        meaning=schema.get("description", ""),
        stream=f"{known.category}-{{id}}",
        version=known.version,
        changes=_changes(known),
        fields=tuple(_field(name, about) for name, about in schema["properties"].items()),
        commands=commands_to(known.cls),
        read_models=_read_models(known, example),
        example=_indented(json.loads(example)),
        schema=_indented(schema),
    )


def schema_of(known: EventType) -> dict[str, Any]:
    """The JSON Schema of the data of the present version."""
    _, schemas = msgspec.json.schema_components([known.cls])
    return {**schemas.pop(known.cls.__name__), **({"$defs": schemas} if schemas else {})}


def _changes(known: EventType) -> tuple[Change, ...]:
    texts = enumerate((inspect.getdoc(upcast) or "" for upcast in known.upcasters), 2)
    return tuple(Change(version=version, what=" ".join(text.split())) for version, text in texts)


def _field(name: str, about: dict[str, Any]) -> Field:
    return Field(
        name=name, type=type_of(about), unit=about.get("unit", ""), meaning=about.get("description", "")
    )


def type_of(about: dict[str, Any]) -> str:
    """The type of a value in words, from its JSON Schema."""
    match about:
        case {"anyOf": options}:
            return " or ".join(map(type_of, options))
        case {"enum": values}:
            return " or ".join(map(str, values))
        case {"type": "array", "items": items}:
            return f"list of {type_of(items)}"
        case {"$ref": reference}:
            return str(reference.rpartition("/")[2])
        case {"format": form} if form in _FORMATS:
            return _FORMATS[form]
        case _:
            return _TYPES.get(about["type"], str(about["type"]))


def _read_models(known: EventType, example: bytes) -> tuple[str, ...]:
    fact = _fact(known, example)
    return tuple(
        model.name for model in READ_MODELS if known.category in model.categories and model.project(fact)
    )


def _fact(known: EventType, example: bytes) -> Fact[Any]:
    decider = AGGREGATES[known.category]
    event = msgspec.json.decode(example, type=known.cls)
    recorded = Recorded(
        stream=decider.stream(event.aggregate_id),
        revision=0,
        position=0,
        event_id=str(event.effect_id),
        type=known.name,
        data=example,
        metadata=b"",
        created=0,
    )
    return Fact(recorded, event, UNKNOWN_ACTOR, recorded.event_id, _standing(decider, event))


def _standing(decider: Decider[Any, Any, Any], event: Event) -> msgspec.Struct:
    """After the first event of the category, as in its example. What `event` states is so."""
    opening = next(each for each in VOCABULARY if each.category == decider.category)
    first = decider.follow(None, msgspec.json.decode(golden(opening.name, opening.version), type=opening.cls))
    stated = {
        name: getattr(event, name) for name in decider.standing.__struct_fields__ if hasattr(event, name)
    }
    return msgspec.structs.replace(first, **stated)


def _indented(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)
