import re
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.call import RpcError, Status
from esdbnode.http2 import messages
from esdbnode.http2.messages import Unpacker
from esdbnode.wording import calls

LIMIT = 300


@given(st.lists(st.binary(max_size=LIMIT)), st.lists(st.integers(0, 3000)))
def test_messages_come_out_as_they_went_in_however_the_bytes_are_cut(
    sent: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(messages.pack(sent))
    edges = [0, *sorted(min(edge, len(data)) for edge in cuts), len(data)]
    unpacker = Unpacker(LIMIT, "identity")
    got = [message for start, end in pairwise(edges) for message in unpacker.feed(data[start:end])]
    assert got == sent
    assert unpacker.pending == 0


def test_a_message_above_the_limit_is_refused_as_soon_as_its_size_is_known() -> None:
    for rest in (b"", bytes(LIMIT + 1)):
        with pytest.raises(RpcError) as refusal:
            Unpacker(LIMIT, "identity").feed(b"\x00" + (LIMIT + 1).to_bytes(4, "big") + rest)
        assert refusal.value.status is Status.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    ("encoding", "status"), [("identity", Status.INTERNAL), ("gzip", Status.UNIMPLEMENTED)]
)
def test_a_compressed_message_is_refused(encoding: str, status: Status) -> None:
    with pytest.raises(RpcError) as refusal:
        Unpacker(LIMIT, encoding).feed(b"\x01\x00\x00\x00\x01x")
    assert refusal.value.status is status


def test_an_encoding_that_is_named_but_not_used_is_accepted() -> None:
    assert Unpacker(LIMIT, "gzip").feed(b"\x00\x00\x00\x00\x01x") == [b"x"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1H", 3600), ("2M", 120), ("3S", 3), ("4m", 0.004), ("5u", 5e-6), ("6n", 6e-9), ("99999999H", 864_000)],
)
def test_a_timeout_is_digits_and_a_unit(text: str, seconds: float) -> None:
    assert messages.timeout(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "S", "1", "1s", "-1S", "1.5S", "123456789S", "1S "])
def test_a_malformed_timeout_is_refused(text: str) -> None:
    with pytest.raises(RpcError, match=re.escape(calls.malformed_timeout(text))):
        messages.timeout(text)


def test_without_a_timeout_the_result_is_none() -> None:
    assert messages.timeout(None) is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_status_message_travels_as_printable_ascii(message: str) -> None:
    encoded = messages.percent_encode(message)
    assert unquote(encoded) == message
    assert all(0x20 <= ord(letter) <= 0x7E for letter in encoded)
