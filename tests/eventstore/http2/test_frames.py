"""Bytes may be cut anywhere, and windows may have any size: what arrives is the same."""

import itertools
import logging
from uuid import UUID, uuid4

import hpack
import pytest
from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.http2 import frames as server_frames
from eventstore import wire
from eventstore.connection import node_at
from eventstore.http2 import frames
from eventstore.http2.fields import request
from eventstore.http2.frames import FIRST_WINDOW, FRAME_SIZE, Frame
from eventstore.http2.outbox import Outbox
from eventstore.store import NO_STREAM, NewEvent

FRAMES = st.lists(
    st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**31 - 1), st.binary(max_size=40)),
    max_size=8,
)
CUTS = st.lists(st.integers(0, 500), max_size=20)


def cut(content: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(at for at in cuts if at < len(content)), len(content)]
    return [content[start:end] for start, end in itertools.pairwise(edges)]


@given(FRAMES, CUTS)
def test_frames_are_the_same_wherever_their_bytes_are_cut(sent: list[Frame], cuts: list[int]) -> None:
    content = b"".join(frames.frame(*each) for each in sent)
    found, rest = list[Frame](), b""
    for piece in cut(content, cuts):
        some, rest = frames.split(rest + piece)
        found += some
    assert found == sent
    assert rest == b""


@given(st.lists(st.binary(max_size=40), max_size=8), CUTS)
def test_messages_are_the_same_wherever_their_bytes_are_cut(sent: list[bytes], cuts: list[int]) -> None:
    found, rest = list[bytes](), b""
    for piece in cut(b"".join(map(frames.message, sent)), cuts):
        some, rest = frames.split_messages(rest + piece)
        found += some
    assert found == sent
    assert rest == b""


@pytest.mark.parametrize("content", [b"HTTP/1.1 400 Bad Request\r\n", b"\xff" * 9])
def test_what_is_not_http2_is_an_error_of_the_connection(content: bytes) -> None:
    with pytest.raises(ConnectionAbortedError):
        frames.split(content)


@given(
    st.lists(st.binary(max_size=300), max_size=20),
    st.lists(st.integers(1, 200), max_size=60),
    st.integers(0, 400),
)
def test_no_more_is_sent_than_the_server_accepts_and_in_the_end_everything(
    contents: list[bytes], updates: list[int], first: int
) -> None:
    outbox, sent = Outbox(), list[bytes]()
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: first})
    for key, content in enumerate(contents):
        outbox.put(key, content)
    accepted = first
    for update in [*updates, FIRST_WINDOW - first - sum(updates)]:
        sent.append(outbox.take())
        assert sum(map(len, map(payloads, sent))) <= accepted
        if update > 0:
            outbox.widen(frames.STREAM, update)
            accepted += update
    sent.append(outbox.take())
    assert b"".join(map(payloads, sent)) == b"".join(map(frames.message, contents))
    assert outbox.take() == b""


def payloads(content: bytes) -> bytes:
    found, rest = frames.split(content)
    assert rest == b""
    return b"".join(payload for _, _, _, payload in found)


def test_both_windows_count() -> None:
    outbox = Outbox()
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: 2**20})
    outbox.put(1, b"x" * 100_000)
    assert len(payloads(outbox.take())) == FIRST_WINDOW
    outbox.widen(frames.STREAM, 100)
    assert outbox.take() == b""
    outbox.widen(0, 10)
    assert len(payloads(outbox.take())) == 10


def test_a_window_that_the_server_makes_smaller_has_to_grow_above_zero_first() -> None:
    outbox = Outbox()
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: 100})
    outbox.put(1, b"x" * 1_000)
    assert len(payloads(outbox.take())) == 100
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: 40})
    outbox.widen(frames.STREAM, 60)
    assert outbox.take() == b""
    outbox.widen(frames.STREAM, 1)
    assert len(payloads(outbox.take())) == 1


def test_frames_are_as_large_as_the_server_allows() -> None:
    for settings, largest in ({}, FRAME_SIZE), ({frames.MAX_FRAME_SIZE: 20_000}, 20_000):
        outbox = Outbox()
        outbox.adapt(settings)
        outbox.put(1, b"x" * 50_000)
        found = list(server_frames.Splitter(2**20).feed(server_frames.PREFACE + outbox.take()))
        assert max(len(payload) for _, _, _, payload in found) == largest


def test_a_message_that_has_not_left_can_be_taken_back() -> None:
    outbox = Outbox()
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: 3})
    outbox.put(1, b"first")
    assert payloads(outbox.take()) == frames.message(b"first")[:3]
    outbox.put(2, b"second")
    outbox.put(3, b"third")
    outbox.take_back(1)
    outbox.take_back(2)
    outbox.widen(frames.STREAM, 100)
    assert payloads(outbox.take()) == frames.message(b"first")[3:] + frames.message(b"third")


@pytest.mark.parametrize(
    "settings",
    [
        {frames.INITIAL_WINDOW_SIZE: 2**31},
        {frames.MAX_FRAME_SIZE: FRAME_SIZE - 1},
        {frames.MAX_FRAME_SIZE: 2**24},
    ],
)
def test_settings_that_a_server_must_not_send_are_an_error(settings: dict[int, int]) -> None:
    with pytest.raises(ConnectionAbortedError):
        Outbox().adapt(settings)


def test_messages_of_which_nothing_has_left_can_be_taken_back_after_others_have() -> None:
    outbox = Outbox()
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: len(frames.message(b"first")) + 3})
    for key, content in enumerate((b"first", b"second", b"third", b"fourth")):
        outbox.put(key, content)
    assert payloads(outbox.take()) == frames.message(b"first") + frames.message(b"second")[:3]
    for key in range(3):
        outbox.take_back(key)
    outbox.widen(frames.STREAM, 100)
    assert payloads(outbox.take()) == frames.message(b"second")[3:] + frames.message(b"fourth")


def test_a_window_that_ends_with_a_message_cuts_none() -> None:
    outbox = Outbox()
    outbox.adapt({frames.INITIAL_WINDOW_SIZE: len(frames.message(b"first"))})
    outbox.put(1, b"first")
    outbox.put(2, b"second")
    assert payloads(outbox.take()) == frames.message(b"first")
    outbox.take_back(2)
    outbox.widen(frames.STREAM, 100)
    assert outbox.take() == b""


def test_the_fields_of_a_request_begin_by_giving_up_the_table_of_fields() -> None:
    """A server that allows no table refuses a block that does not."""
    block = request("/path", "localhost", "http", [("authorization", "secret")])
    decoder = hpack.Decoder()
    assert ("authorization", "secret") in [(str(name), str(value)) for name, value in decoder.decode(block)]
    assert decoder.header_table_size == 0
    assert len(decoder.header_table.dynamic_entries) == 0


def test_what_could_be_decoded_to_the_password_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        request("/path", "localhost", "https", [("authorization", "secret")])
    assert caplog.records == []


def test_a_node_does_not_show_its_password() -> None:
    node = node_at("esdb://admin:changeit@localhost:2113", leader=True)
    (authorization,) = (value for name, value in node.fields if name == "authorization")
    assert authorization not in repr(node)


# What is in the messages.


@given(
    st.text(min_size=1),
    st.lists(st.builds(NewEvent, st.uuids(), st.text(), st.binary(), st.binary()), max_size=3),
    st.integers(NO_STREAM, 2**63 - 1),
    st.floats(0, 100),
)
def test_a_request_says_what_the_generated_modules_say(
    stream: str, events: list[NewEvent], expected: int, seconds: float
) -> None:
    sent = wire.append_request(7, stream, events, expected=expected, seconds=seconds)
    options = streams_pb2.BatchAppendReq.Options(
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        deadline=Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1_000_000_000)),
    )
    if expected == NO_STREAM:
        options.no_stream.CopyFrom(Empty())
    else:
        options.stream_position = expected
    proposed = [
        streams_pb2.BatchAppendReq.ProposedMessage(
            id=shared_pb2.UUID(string=str(event.id)),
            metadata={"type": event.type, "content-type": "application/json"},
            custom_metadata=event.metadata,
            data=event.data,
        )
        for event in events
    ]
    assert streams_pb2.BatchAppendReq.FromString(sent) == streams_pb2.BatchAppendReq(
        correlation_id=shared_pb2.UUID(
            structured=shared_pb2.UUID.Structured(most_significant_bits=0, least_significant_bits=7)
        ),
        options=options,
        proposed_messages=proposed,
        is_final=True,
    )


def test_a_correlation_id_may_come_back_in_either_form() -> None:
    for form in (
        shared_pb2.UUID(string=str(UUID(int=7))),
        shared_pb2.UUID(structured=shared_pb2.UUID.Structured(least_significant_bits=7)),
    ):
        assert wire.correlation_of(streams_pb2.BatchAppendResp(correlation_id=form)) == 7
    foreign = shared_pb2.UUID(string=str(uuid4()))
    assert wire.correlation_of(streams_pb2.BatchAppendResp(correlation_id=foreign)) != 7
