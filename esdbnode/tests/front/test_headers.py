from collections.abc import Iterable
from contextlib import suppress

import hpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.call import Status
from esdbnode.http2 import headers
from esdbnode.http2.frames import ConnectionFault, ErrorCode
from esdbnode.http2.headers import Decoder, MalformedRequest, check
from tests.front.raw import REQUEST

LIMIT = 4096
INDEXED = [(":method", "POST"), (":scheme", "http"), (":path", "/")]
"""Fields that are all in the static table. With another dynamic table, equal blocks mean different requests."""
names = st.sampled_from(["a", "grpc-timeout"])
values = st.sampled_from(["1", "2", "y" * 1500])
requests = st.lists(st.tuples(names, values), max_size=2)


def pairs(decoded: Iterable[hpack.HeaderTuple]) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in decoded]


@given(st.lists(requests, min_size=1, max_size=30), st.booleans(), st.data())
def test_requests_decode_the_same_whatever_was_remembered_of_earlier_ones(
    sent: list[list[tuple[str, str]]], huffman: bool, data: st.DataObject
) -> None:
    encoder, decoder, plain = hpack.Encoder(), Decoder(2**16), hpack.Decoder()
    for fields in sent:
        if data.draw(st.integers(0, 9)) == 0:
            encoder.header_table_size = data.draw(st.sampled_from([0, 100, 4096]))
        block = encoder.encode([*INDEXED, *fields], huffman=huffman)
        expected = check(pairs(plain.decode(block)))
        assert decoder.request(block) == expected
        assert decoder.request(b"\x83\x86\x84") == check(pairs(plain.decode(b"\x83\x86\x84")))


def test_a_repeated_block_is_decoded_once() -> None:
    encoder, decoder = hpack.Encoder(), Decoder(LIMIT)
    decoder.request(encoder.encode(REQUEST))
    block = encoder.encode(REQUEST)
    assert decoder.request(block) is decoder.request(block)


@given(st.binary(max_size=200))
def test_a_garbage_block_is_a_fault_and_nothing_worse(block: bytes) -> None:
    with suppress(MalformedRequest, ConnectionFault):
        assert Decoder(LIMIT).request(block).path


def test_a_small_block_that_swells_is_refused() -> None:
    encoder, decoder = hpack.Encoder(), Decoder(LIMIT)
    decoder.decode(encoder.encode([("bomb", "x" * 3000)]))
    with pytest.raises(ConnectionFault) as fault:
        decoder.decode(encoder.encode([("bomb", "x" * 3000)]) * 1000)
    assert fault.value.code is ErrorCode.ENHANCE_YOUR_CALM


def without(name: str) -> list[tuple[str, str]]:
    return [field for field in REQUEST if field[0] != name]


@pytest.mark.parametrize(
    "fields",
    [
        without(":method"),
        without(":scheme"),
        without(":path"),
        [*without(":path"), (":path", "")],
        [*REQUEST, (":path", "/late")],
        [(":path", "/twice"), *REQUEST],
        [(":status", "200"), *REQUEST],
        [*REQUEST, ("Upper", "case")],
        [*REQUEST, ("", "nameless")],
        [*REQUEST, ("connection", "keep-alive")],
        [*REQUEST, ("transfer-encoding", "chunked")],
        [*without("te"), ("te", "gzip")],
        [*REQUEST, ("x", "line\nbreak")],
    ],
)
def test_a_malformed_header_list_is_refused(fields: list[tuple[str, str]]) -> None:
    with pytest.raises(MalformedRequest):
        check(fields)


def test_repeated_headers_are_joined_with_commas() -> None:
    assert check([*REQUEST, ("x", "1"), ("x", "2")]).metadata["x"] == "1,2"


@given(
    st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1), st.text(max_size=300) | st.binary()
)
def test_any_decoder_reads_our_headers_as_printable_ascii(name: str, value: str | bytes) -> None:
    ((got_name, got_value),) = pairs(hpack.Decoder().decode(headers.literal(name, value)))
    assert got_name == name
    assert got_value.isascii()
    assert got_value == "" or got_value.isprintable()


def test_an_ok_status_has_no_message() -> None:
    assert pairs(hpack.Decoder().decode(headers.trailers(Status.OK, "", ()))) == [("grpc-status", "0")]
