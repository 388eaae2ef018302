"""An event and its form in the log."""

import json
import re
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import MoneyDeposited
from domain.errors import InvalidAccountId
from domain.vocabulary import BY_NAME, EventType
from eventstore import codec, messages
from eventstore.codec import Origin, UnreadableEvent, as_json, decode, decode_metadata, encode, origin
from eventstore.store import NewEvent, Recorded
from tests.kit.accounts import deposited, opened
from tests.kit.journal import metadata_of

EVENT = deposited(1, 250, balance=250, note="rent")


def recorded(new: NewEvent, stream: str = "account-a", **changed: Any) -> Recorded:
    made = Recorded(
        stream=stream,
        revision=1,
        position=200,
        event_id=str(new.id),
        type=new.type,
        data=new.data,
        metadata=new.metadata,
        created=0,
    )
    return msgspec.structs.replace(made, **changed)


def encoded() -> NewEvent:
    return encode(EVENT, metadata_of(UUID(int=1)), 0)


def test_an_event_is_read_as_it_was_written() -> None:
    older = msgspec.structs.replace(
        EVENT, note="a\u202eb\u200b", value_date=date.max
    )  # commands had fewer rules
    for event in (EVENT, older, opened(1, user="u-1")):
        fact = decode(recorded(encode(event, metadata_of(UUID(int=1)), 0)))
        assert (fact.event, fact.actor) == (event, "teller")


def test_metadata_holds_what_was_known_about_the_command() -> None:
    expected = msgspec.structs.replace(metadata_of(UUID(int=1)), schema=BY_NAME["MoneyDeposited"].version)
    assert decode_metadata(recorded(encoded())) == expected


def test_the_callers_trace_is_written_as_clients_of_eventstoredb_write_it() -> None:
    trace_id, span_id = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    traced = msgspec.structs.replace(metadata_of(UUID(int=1)), trace_id=trace_id, span_id=span_id)
    new = encode(EVENT, traced, 0)
    written = json.loads(new.metadata)
    assert (written["$traceId"], written["$spanId"]) == (trace_id, span_id)
    assert decode_metadata(recorded(new)).trace_id == trace_id
    assert not {"$traceId", "$spanId"} & json.loads(encoded().metadata).keys()


def test_a_correlation_id_of_the_first_version_is_read_as_text() -> None:
    correlation_id = "76beebb3-15bd-56df-a8ab-ecb08f31c226"
    written = json.loads(encoded().metadata) | {"$correlationId": correlation_id}
    found = decode_metadata(recorded(encoded(), metadata=json.dumps(written).encode()))
    assert found.correlation_id == correlation_id


def test_a_fact_has_the_correlation_id_of_its_request() -> None:
    metadata = msgspec.structs.replace(metadata_of(UUID(int=1)), correlation_id="order-7/line:3")
    assert decode(recorded(encode(EVENT, metadata, 0))).correlation_id == "order-7/line:3"


@pytest.mark.parametrize("written", ["null", "5", "true", "[]", '{"a": 1}', '""'])
def test_a_correlation_id_that_is_not_text_counts_as_missing_and_the_actor_still_counts(written: str) -> None:
    metadata = f'{{"$correlationId": {written}, "actor": "teller", "schema": 2}}'.encode()
    fact = decode(recorded(encoded(), metadata=metadata))
    assert (fact.correlation_id, fact.actor) == ("", "teller")


def test_the_origin_of_an_event_is_what_its_metadata_says_in_text() -> None:
    metadata = b'{"$correlationId": "c", "$causationId": 5, "command_id": ["x"], "actor": null, "at": "?"}'
    assert origin(recorded(encoded(), metadata=metadata)) == Origin(correlation_id="c")
    written = origin(recorded(encoded()))
    assert (written.causation_id, written.command_id, written.actor) == (*[str(UUID(int=1))] * 2, "teller")


@pytest.mark.parametrize(
    "metadata", [b"", b"{}", b"[]", b"\xff", b'{"actor": 5}', b'{"schema": "x"}', b"[" * 100_000]
)
def test_unreadable_metadata_does_not_invalidate_an_event(metadata: bytes) -> None:
    fact = decode(recorded(encoded(), metadata=metadata))
    assert (fact.event, fact.actor) == (EVENT, codec.UNKNOWN_ACTOR)


@pytest.mark.parametrize("metadata", [b'{"schema": 3}', b'{"actor": 5, "schema": 3}'])
def test_data_of_a_newer_schema_is_not_read(metadata: bytes) -> None:
    with pytest.raises(UnreadableEvent, match=re.escape(messages.unknown_schema(3, 2))):
        decode(recorded(encoded(), metadata=metadata))


def test_an_event_in_the_stream_of_another_account_is_not_read() -> None:
    event = messages.event_at(1, "account-b", 200, "MoneyDeposited")
    with pytest.raises(UnreadableEvent, match=re.escape(messages.in_wrong_stream(event, "a"))):
        decode(recorded(encoded(), stream="account-b"))


@pytest.mark.parametrize("account_id", ["", "two words", "x" * 65, "-x"])
def test_an_entry_of_an_account_whose_id_follows_no_pattern_is_not_read(account_id: str) -> None:
    data = json.dumps(json.loads(encoded().data) | {"account_id": account_id}).encode()
    with pytest.raises(UnreadableEvent) as caught:
        decode(recorded(encoded(), data=data, stream=f"account-{account_id}"))
    assert isinstance(caught.value.__cause__, InvalidAccountId)


def test_an_event_of_an_unknown_type_is_not_read() -> None:
    event = messages.event_at(1, "account-a", 200, "MoneyTeleported")
    with pytest.raises(UnreadableEvent, match=re.escape(messages.unknown_type(event))):
        decode(recorded(encoded(), type="MoneyTeleported"))


@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from(sorted(BY_NAME)))
def test_bytes_of_other_programs_are_read_or_refused_as_unreadable(
    data: bytes, metadata: bytes, type_: str
) -> None:
    with suppress(UnreadableEvent):
        decode(recorded(encoded(), type=type_, data=data, metadata=metadata))


def test_older_data_is_brought_up_to_the_present_version_step_by_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def named(fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name != "text"} | {"note": fields["text"]}

    def in_minor_units(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "amount": fields["amount"] * 100, "balance": fields["balance"] * 100}

    newest = EventType("MoneyDeposited", MoneyDeposited, "account", 3, (named, in_minor_units))
    monkeypatch.setitem(BY_NAME, "MoneyDeposited", newest)
    fields = json.loads(encoded().data) | {"amount": 250, "balance": 250}
    second = json.dumps(fields).encode()
    first = json.dumps({**fields, "text": fields["note"]}).encode()
    expected = deposited(1, 25_000, balance=25_000, note="rent")
    for version, data in ((1, first), (2, second)):
        old = recorded(encoded(), data=data, metadata=b'{"schema": %d}' % version)
        assert decode(old).event == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"amount": 1}', {"amount": 1}),
        (b"", None),
        (b"not json", "not json"),
        (b'{"cut": ', '{"cut": '),
        (b"\xff\x00", "\\xff\x00"),
        (b'"\xff"', '"\\xff"'),
        (b"[" * 5_000, "[" * 5_000),
    ],
)
def test_bytes_that_are_not_json_are_shown_as_text(content: bytes, expected: object) -> None:
    assert json.loads(bytes(as_json(content))) == expected
