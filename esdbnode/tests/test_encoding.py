"""Protobuf reads the messages that the node encodes by hand."""

from uuid import UUID

from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.streams import encoding
from esdbnode.streams.links import with_structured_ids

names = st.text(min_size=1, max_size=200)
numbers = st.integers(0, (1 << 63) - 1)


@given(
    st.uuids(), names, numbers, numbers, names, numbers, st.booleans(), st.binary(), st.binary(max_size=300)
)
def test_an_event_is_read_as_it_was_recorded(
    id_: object,
    stream: str,
    revision: int,
    position: int,
    type_: str,
    created: int,
    json: bool,
    custom: bytes,
    data: bytes,
) -> None:
    raw = encoding.recorded(str(id_), stream, revision, position, type_, created, json, custom, data)
    read = streams_pb2.ReadResp.FromString(raw).event
    event = read.event
    assert read.WhichOneof("position") == "commit_position"
    assert not read.HasField("link")
    assert (event.id.string, event.stream_identifier.stream_name.decode()) == (str(id_), stream)
    assert (event.stream_revision, event.commit_position, event.prepare_position) == (
        revision,
        position,
        position,
    )
    assert read.commit_position == position
    assert dict(event.metadata) == {
        "type": type_,
        "created": str(created),
        "content-type": "application/json" if json else "application/octet-stream",
    }
    assert (event.custom_metadata, event.data) == (custom, data)


@given(st.uuids(), names, st.none() | numbers, st.none() | st.integers(1, (1 << 63) - 1))
def test_the_answer_to_an_append_is_read_as_protobuf(
    id_: UUID, stream: str, revision: int | None, position: int | None
) -> None:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    correlation_id = shared_pb2.UUID(string=str(id_))
    raw = encoding.appended(
        correlation_id.SerializeToString(), identifier.SerializeToString(), revision, position
    )
    expected = streams_pb2.BatchAppendResp(correlation_id=correlation_id, stream_identifier=identifier)
    if revision is None:
        expected.success.no_stream.SetInParent()
    else:
        expected.success.current_revision = revision
    if position is None:
        expected.success.no_position.SetInParent()
    else:
        expected.success.position.commit_position = expected.success.position.prepare_position = position
    assert streams_pb2.BatchAppendResp.FromString(raw) == expected


@given(st.uuids())
def test_ids_can_be_sent_as_two_integers(id_: UUID) -> None:
    raw = encoding.recorded(str(id_), "s", 0, 2, "T", 1, True, b"", b"")
    structured = streams_pb2.ReadResp.FromString(with_structured_ids(raw)).event.event.id.structured
    high, low = structured.most_significant_bits, structured.least_significant_bits
    assert (high & (1 << 64) - 1) << 64 | low & (1 << 64) - 1 == id_.int


@given(numbers, names)
def test_control_messages_are_read_as_protobuf(number: int, name: str) -> None:
    def content(raw: bytes) -> streams_pb2.ReadResp:
        return streams_pb2.ReadResp.FromString(raw)

    assert content(encoding.checkpoint(number)).checkpoint.commit_position == number
    assert content(encoding.checkpoint(number)).checkpoint.prepare_position == number
    assert content(encoding.confirmation(name)).confirmation.subscription_id == name
    assert (
        content(encoding.stream_not_found(name)).stream_not_found.stream_identifier.stream_name.decode()
        == name
    )
    assert content(encoding.last_stream_position(number)).last_stream_position == number
    assert content(encoding.CAUGHT_UP).WhichOneof("content") == "caught_up"
