"""What the log holds, shown to people whatever it is."""

import json

import pytest

from eventstore.codec import as_json


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"amount": 1}', {"amount": 1}),
        (b"", None),
        (b"not json", "not json"),
        (b'{"cut": ', '{"cut": '),
        (b"\xff\x00", "\\xff\x00"),
        (b'"\xff"', '"\\xff"'),
    ],
)
def test_what_is_not_json_is_shown_as_text(content: bytes, expected: object) -> None:
    assert json.loads(bytes(as_json(content))) == expected
