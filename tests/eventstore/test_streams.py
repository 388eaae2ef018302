"""The rule that says when an event counts: whatever others write, a stream is whole or it is stopped."""

import json
import sys
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.accounts import AccountEvent, Standing, evolve, follow
from domain.accounts.states import Unopened
from eventstore.codec import UNKNOWN_ACTOR, encode
from eventstore.store import NO_STREAM, Recorded, StreamStopped
from eventstore.streams import DELETED, LONGEST_REASON, check_whole, cut_off, next_state, readable
from tests.kit.accounts import deposited, opened, withdrawn
from tests.kit.journal import metadata_of

STREAM = "account-a"


def recorded(event: AccountEvent, revision: int, **changed: Any) -> Recorded:
    new = encode(event, metadata_of(UUID(int=1)), 0)
    made = Recorded(
        stream=STREAM,
        revision=revision,
        position=100 * (revision + 1),
        event_id=str(new.id),
        type=new.type,
        data=new.data,
        metadata=new.metadata,
        created=0,
    )
    return msgspec.structs.replace(made, **changed)


def stopped(event: Recorded, before: int, standing: Standing | None) -> StreamStopped:
    with pytest.raises(StreamStopped) as caught:
        next_state(event, before, standing, follow)
    assert caught.value.stream == STREAM
    return caught.value


ENTRY = recorded(deposited(2, 100, balance=100), 1)


def test_events_that_follow_each_other_count() -> None:
    _, standing = next_state(recorded(opened(1), 0), NO_STREAM, None, follow)
    fact, after = next_state(ENTRY, 0, standing, follow)
    assert (fact.event, after) == (deposited(2, 100, balance=100), Standing("CZK", 100))


@pytest.mark.parametrize(("revision", "before"), [(1, NO_STREAM), (3, 1), (1, 1), (0, 1)])
def test_an_event_that_is_not_the_next_one_stops_its_stream(revision: int, before: int) -> None:
    event = msgspec.structs.replace(ENTRY, revision=revision)
    assert stopped(event, before, Standing("CZK")).revision == before + 1


@pytest.mark.parametrize(
    "changed",
    [
        {"data": b""},
        {"data": ENTRY.data.replace(b'""', b'"f\xfcr zwei"')},
        {"data": ENTRY.data[:-1] + b',"extra":' + b"[" * 2_000 + b"]" * 2_000 + b"}"},
        {"data": ENTRY.data.replace(b":100,", b":100.5,")},
        {"data": ENTRY.data.replace(b'"a"', b'"b"')},
        {"type": "AddressChanged"},
        {"metadata": b'{"schema":3}'},
        {"metadata": b'{"schema":3,"actor":7,"$correlationId":null}'},
    ],
)
def test_an_event_that_cannot_be_read_stops_its_stream(changed: dict[str, Any]) -> None:
    event = msgspec.structs.replace(ENTRY, **changed)
    assert stopped(event, 0, Standing("CZK")).revision == 1
    with pytest.raises(StreamStopped) as caught:
        readable(event)
    assert caught.value.revision == 1


@pytest.mark.parametrize(
    ("event", "standing"),
    [
        (opened(3), Standing("CZK", 5)),
        (deposited(3, 10, balance=10), None),
        (deposited(3, 10, balance=11), Standing("CZK")),
        (withdrawn(3, 10, balance=10), Standing("CZK")),
        (deposited(3, 10, balance=10, currency="EUR"), Standing("CZK")),
    ],
)
def test_an_event_that_cannot_follow_stops_its_stream(event: AccountEvent, standing: Standing | None) -> None:
    assert stopped(recorded(event, 7), 6, standing).revision == 7


def test_a_tombstone_stops_its_stream_where_the_events_end() -> None:
    tombstone = msgspec.structs.replace(ENTRY, revision=DELETED, type="$streamDeleted", data=b"")
    assert stopped(tombstone, 4, Standing("CZK")).revision == 5


@pytest.mark.parametrize("name", ["X" * 10**6, "Line\nfeed"])
def test_a_reason_quotes_others_briefly_and_on_one_line(name: str) -> None:
    reason = stopped(msgspec.structs.replace(ENTRY, type=name), 0, Standing("CZK")).reason
    assert len(reason) <= LONGEST_REASON + 3
    assert reason.isprintable()


# What the metadata of a stream does to it.


def written(content: bytes) -> Recorded:
    return msgspec.structs.replace(ENTRY, stream=f"$${STREAM}", type="$metadata", data=content)


@pytest.mark.parametrize(
    ("metadata", "named"),
    [
        ({"$tb": DELETED}, ["$tb"]),
        ({"$tb": 3}, ["$tb 3"]),
        ({"$maxCount": 2}, ["$maxCount 2"]),
        ({"$maxAge": 60}, ["$maxAge 60"]),
        ({"$maxCount": 2, "$tb": 3, "$acl": {"$r": "x"}}, ["$maxCount 2", "$tb 3"]),
    ],
)
def test_metadata_that_takes_events_is_named(metadata: dict[str, Any], named: list[str]) -> None:
    event = written(json.dumps(metadata).encode())
    reason = cut_off(event)
    assert reason is not None
    assert all(each in reason for each in [STREAM, *named])
    with pytest.raises(StreamStopped) as caught:
        check_whole(STREAM, [ENTRY], [event])
    assert (caught.value.stream, caught.value.revision, caught.value.reason) == (STREAM, 2, reason)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"$maxCount":',
        b"[" * 100_000,
        b'{"$maxCount":0}',
        b'{"$maxCount":-1,"$tb":0,"$maxAge":null}',
        b'{"$maxCount":"2"}',
        b'{"$maxCount":true}',
        b'{"$tb":[3]}',
        b'{"$acl":{"$r":["x"]},"$cacheControl":5,"maxCount":3}',
    ],
)
def test_metadata_that_takes_no_events_stops_nothing(content: bytes) -> None:
    assert cut_off(written(content)) is None
    check_whole(STREAM, [ENTRY], [written(content)])


def test_a_stream_without_metadata_is_whole() -> None:
    check_whole(STREAM, [ENTRY], [])


# Whatever another program writes.


@given(st.binary(max_size=300), st.binary(max_size=100), st.sampled_from(["MoneyDeposited", "X", ""]))
@example(ENTRY.data, ENTRY.metadata, "MoneyDeposited")
@example(b"[" * 100_000, b"{" * 100_000, "MoneyDeposited")
def test_any_bytes_count_or_stop_the_stream(data: bytes, metadata: bytes, name: str) -> None:
    event = msgspec.structs.replace(ENTRY, data=data, metadata=metadata, type=name)
    with suppress(StreamStopped):
        next_state(event, 0, Standing("CZK"), follow)
    cut_off(written(data))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_known = st.fixed_dictionaries(
    {}, optional={"actor": _json, "schema": _json, "$correlationId": _json, "command_id": _json, "at": _json}
)


@given(st.binary() | (_json | _known).map(lambda made: json.dumps(made).encode()))
def test_metadata_alone_stops_a_stream_only_with_a_newer_schema(metadata: bytes) -> None:
    event = msgspec.structs.replace(ENTRY, metadata=metadata)
    try:
        fact, _ = next_state(event, 0, Standing("CZK"), follow)
    except StreamStopped:
        schema = json.loads(metadata)["schema"]
        assert type(schema) is not bool
        assert schema > 1
    else:
        assert fact.event == deposited(2, 100, balance=100)


@given(st.integers(0, 90) | st.integers(101, 3_000), st.sampled_from(["data", "metadata"]))
def test_how_deep_json_may_be_nested_does_not_depend_on_the_reader(depth: int, where: str) -> None:
    """The stack is deeper in a web process than in the projector: both have to come to the same result."""
    nested = b"[" * depth + b"]" * depth
    data = ENTRY.data[:-1] + b',"extra":' + nested + b"}"
    changed = {"data": data} if where == "data" else {"metadata": b'{"schema":2,"extra":' + nested + b"}"}
    event = msgspec.structs.replace(ENTRY, **changed)
    assert _counts(event) == _deeper(sys.getrecursionlimit() // 2, event)


def _deeper(frames: int, event: Recorded) -> bool:
    return _deeper(frames - 1, event) if frames else _counts(event)


def _counts(event: Recorded) -> bool:
    try:
        next_state(event, 0, Standing("CZK"), follow)
    except StreamStopped:
        return False
    return True


def test_brackets_in_a_note_are_not_nesting() -> None:
    note = '[{"' * 200
    event = recorded(deposited(2, 100, balance=100, note=note), 1)
    assert _counts(event)


@given(st.lists(st.sampled_from([opened(1), deposited(2, 100, balance=100), withdrawn(3, 40, balance=60)])))
def test_both_sides_stop_at_the_same_event(events: list[AccountEvent]) -> None:
    """The write side folds states with `evolve`, the read side only standings with `follow`."""
    stops = [0, 0]
    records = [recorded(event, revision) for revision, event in enumerate(events)]
    sides: tuple[tuple[Any, Any], ...] = ((Unopened(), evolve), (None, follow))
    for side, (before, step) in enumerate(sides):
        at = before
        for record in records:
            try:
                fact, at = next_state(record, record.revision - 1, at, step)
            except StreamStopped:
                break
            assert fact.actor != UNKNOWN_ACTOR
            stops[side] = record.revision + 1
    assert stops[0] == stops[1]
