"""What an address or a form says, read strictly."""

import re
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.http.inputs import BadInput
from web.http.pairs import decoded

texts = st.text(st.characters(codec="utf-8"))


@given(st.dictionaries(texts, texts))
def test_what_a_browser_sends_is_read_as_it_was_typed(typed: dict[str, str]) -> None:
    assert decoded(urlencode(typed).encode()) == list(typed.items())


@given(st.binary())
def test_any_bytes_are_read_as_python_reads_them_or_refused_by_name(encoded: bytes) -> None:
    try:
        found = decoded(encoded)
    except BadInput:
        return
    escaped = re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], encoded)
    assert found == parse_qsl(escaped.decode(), keep_blank_values=True)


@pytest.mark.parametrize(
    ("encoded", "field", "code"),
    [
        (b"note=%ff", "note", "not-utf-8"),
        (b"note=\xff", "note", "not-utf-8"),
        (b"%ff=note", "\ufffd", "not-utf-8"),
        (b"note=%ed%a0%80", "note", "not-utf-8"),
        (b"a=1&a=1", "a", "repeated"),
        (b"a=1&b&%61", "a", "repeated"),
        (b"n" * 300 + b"&" + b"n" * 300, "n" * 79 + "…", "repeated"),
    ],
)
def test_each_bad_field_is_named(encoded: bytes, field: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        decoded(encoded)
    (error,) = caught.value.errors
    assert (error.field, error.code) == (field, code)
