"""JSON bodies: a name that is there twice is found, however the object is written."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.http.bodies import twice

texts = st.text(st.characters(codec="utf-8"), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.tuples(texts, values), max_size=6), st.booleans(), st.sampled_from([":", " : ", ":\n"]))
def test_exactly_the_names_that_are_there_twice_are_found(
    members: list[tuple[str, object]], ascii_only: bool, colon: str
) -> None:
    written = [
        json.dumps(name, ensure_ascii=ascii_only) + colon + json.dumps(value) for name, value in members
    ]
    sent = f"{{{','.join(written)}}}".encode()
    names = [name for name, _ in members]
    found = twice(sent, len(msgspec.json.decode(sent)))
    assert [error.field for error in found] == sorted(
        {name for name in names if names.count(name) > 1},
        key=lambda name: [i for i, each in enumerate(names) if each == name][1],
    )


@pytest.mark.parametrize(
    "sent", [rb'{"a":1,"\u0061":2}', b'{"a":{"b:":1},"a":""}', b'{"a":"::::","a":1}', b'{"a":1e999,"a":1}']
)
def test_no_way_to_write_it_hides_a_name_that_is_there_twice(sent: bytes) -> None:
    assert [error.field for error in twice(sent, 1)] == ["a"]
