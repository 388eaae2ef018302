import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdbnode.http2 import frames
from esdbnode.http2.frames import ConnectionFault, ErrorCode, Frame, Setting, Splitter
from esdbnode.wording import faults

LIMIT = 1000
any_frame = st.tuples(
    st.integers(0, 255), st.integers(0, 255), st.integers(0, frames.MAX_WINDOW), st.binary(max_size=LIMIT)
)


def feed(splitter: Splitter, pieces: list[bytes]) -> list[Frame]:
    return [frame for piece in pieces for frame in splitter.feed(piece)]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(edge, len(data)) for edge in at), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(any_frame), st.lists(st.integers(0, 3000)))
def test_frames_come_out_as_they_went_in_however_the_bytes_are_cut(
    sent: list[Frame], cuts: list[int]
) -> None:
    data = frames.PREFACE + b"".join(frames.frame(*frame) for frame in sent)
    assert feed(Splitter(LIMIT), cut(data, cuts)) == sent


@given(st.binary(min_size=1, max_size=100), st.lists(st.integers(0, 100)))
def test_a_wrong_preface_is_refused_at_the_first_wrong_byte(data: bytes, cuts: list[int]) -> None:
    splitter = Splitter(LIMIT)
    if frames.PREFACE.startswith(data[: len(frames.PREFACE)]):
        assert feed(splitter, cut(data, cuts)) == []
    else:
        with pytest.raises(ConnectionFault, match=re.escape(faults.NOT_A_PREFACE)):
            feed(splitter, cut(data, cuts))


def test_a_frame_above_the_limit_is_refused_before_its_payload_arrives() -> None:
    with pytest.raises(ConnectionFault) as fault:
        feed(Splitter(LIMIT), [frames.PREFACE + frames.head(LIMIT + 1, frames.DATA, 0, 1)])
    assert fault.value.code is ErrorCode.FRAME_SIZE_ERROR


@given(st.binary(max_size=500), st.integers(1, 50))
def test_a_long_header_block_is_continued_and_only_its_last_frame_ends_it(block: bytes, limit: int) -> None:
    sent = frames.header_frames(7, block, frames.END_STREAM, limit)
    got = feed(Splitter(LIMIT), [frames.PREFACE + sent])
    assert b"".join(payload for *_, payload in got) == block
    assert [kind for kind, *_ in got] == [frames.HEADERS] + [frames.CONTINUATION] * (len(got) - 1)
    assert [bool(flags & frames.END_HEADERS) for _, flags, *_ in got] == [False] * (len(got) - 1) + [True]
    assert got[0][1] & frames.END_STREAM


@given(st.dictionaries(st.sampled_from(Setting), st.integers(2**14, 2**24 - 1)))
def test_settings_are_read_as_written(values: dict[Setting, int]) -> None:
    values.pop(Setting.ENABLE_PUSH, None)
    assert frames.read_settings(frames.settings(values)[frames.HEAD_SIZE :]) == values


@given(st.binary(max_size=50), st.integers(0, 255))
def test_padding_is_taken_off(payload: bytes, padding: int) -> None:
    assert frames.unpad(frames.PADDED, bytes((padding,)) + payload + bytes(padding)) == payload


@given(st.binary(max_size=50))
def test_padding_as_long_as_the_frame_is_refused(payload: bytes) -> None:
    with pytest.raises(ConnectionFault, match=re.escape(faults.PADDING_TOO_LONG)):
        frames.unpad(frames.PADDED, bytes((len(payload) + 1,)) + payload)
    with pytest.raises(ConnectionFault, match=re.escape(faults.PADDING_TOO_LONG)):
        frames.unpad(frames.PADDED, b"")
