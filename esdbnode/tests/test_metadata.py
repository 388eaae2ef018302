"""Which events of a stream its metadata leaves visible, against a plain model."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.streams.metadata import DELETED, NONE, TICKS, Metadata, parse, visible

counts = st.integers(1, 12)


@given(st.integers(0, 15), st.none() | counts, st.integers(0, 15))
def test_the_first_visible_revision_is_the_greater_of_tb_and_max_count(
    events: int, max_count: int | None, truncate_before: int
) -> None:
    revisions = list(range(events))
    kept = revisions if max_count is None else revisions[-max_count:]
    expected = [revision for revision in kept if revision >= truncate_before]
    first = visible(Metadata(max_count, None, truncate_before), events - 1).first
    assert [revision for revision in revisions if revision >= first] == expected


@given(st.integers(1, 10**6))
def test_max_age_is_in_seconds(seconds: int) -> None:
    now = visible(Metadata(max_age=1), 0).since + TICKS
    assert abs(visible(Metadata(max_age=seconds), 0).since - (now - seconds * TICKS)) < TICKS


@given(
    st.fixed_dictionaries(
        {}, optional={"$maxCount": counts, "$maxAge": counts, "$tb": st.integers(0, DELETED)}
    )
)
def test_well_formed_metadata_is_taken_as_it_is(fields: dict[str, int]) -> None:
    raw = json.dumps(
        {**fields, "custom": {"$tb": 5}, "$acl": {"$r": ["a"], "$w": "b"}, "$cacheControl": 3}
    ).encode()
    acl = {"$r": frozenset("a"), "$w": frozenset("b")}
    assert parse(raw) == Metadata(fields.get("$maxCount"), fields.get("$maxAge"), fields.get("$tb", 0), acl)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"$maxCount": "5"},
        {"$maxCount": None},
        {"$maxCount": 1.0},
        {"$maxCount": True},
        {"$maxCount": DELETED + 1},
        {"$maxAge": DELETED},
        {"$maxAge": DELETED // TICKS + 1},
        {"$cacheControl": -DELETED},
        {"$cacheControl": "1"},
        {"$tmp": "yes"},
        {"$acl": {"$r": [], "$x": []}},
        {"$acl": []},
        {"$acl": {"$r": 5}},
        {"$acl": {"$r": [5]}},
    ],
    ids=str,
)
def test_a_field_of_a_wrong_type_leaves_all_the_others_without_effect(spoilt: dict[str, object]) -> None:
    assert parse(json.dumps({"$tb": 2, **spoilt}).encode()) == NONE


@pytest.mark.parametrize("field", ["$maxCount", "$maxAge", "$cacheControl"])
@pytest.mark.parametrize("number", [0, -1, -DELETED // TICKS])
def test_an_invalid_number_is_ignored(field: str, number: int) -> None:
    assert parse(json.dumps({"$tb": 2, field: number}).encode()) == Metadata(truncate_before=2)


@given(st.binary(max_size=40))
def test_metadata_that_is_not_a_json_object_has_no_effect(raw: bytes) -> None:
    assert parse(raw) == NONE


@pytest.mark.parametrize("opening", [b"[", b'{"$tb":'], ids=str)
def test_metadata_nested_too_deeply_to_be_read_has_no_effect(opening: bytes) -> None:
    assert parse(opening * 200_000) == NONE


def test_tb_of_a_soft_delete_deletes() -> None:
    assert parse(b'{"$tb":9223372036854775807}').soft_deleted
    assert not parse(b'{"$tb":9223372036854775806}').soft_deleted
