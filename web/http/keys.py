"""Idempotency-Keys -> command ids: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header

A key is any text, quoted as that draft has it or bare. A UUID counts as itself. A form has its key in a field.
"""

import re
from typing import Final, NamedTuple
from uuid import UUID, uuid4, uuid5

from litestar.datastructures import Headers

from web import messages_on_input as on_input
from web.http.codes import FieldCode
from web.http.inputs import BadKey, BadText, FieldError

HEADER: Final = "Idempotency-Key"
LONGEST_KEY: Final = 255
_KEYS: Final = UUID("dd66c452-0268-44dd-aa0d-c01601624119")
"""The namespace of command ids that are made of keys. Another one would book retries again."""
_STRING: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
"""A string of Structured Fields (RFC 9651), in which a quote and a backslash have a backslash before them."""


class Key(NamedTuple):
    """`id` is that of the command; `text` is the key as the answer gives it back."""

    id: UUID
    text: str


def key_of(headers: Headers) -> Key:
    """A new one if none was sent. Raises BadKey."""
    line = _line(headers)
    found = command_id(line)
    return Key(found, str(found) if line is None else line)


def sent_key(headers: Headers) -> UUID | None:
    """The command's id that a header gives. Raises BadKey."""
    line = _line(headers)
    return None if line is None else command_id(line)


def _line(headers: Headers) -> str | None:
    lines = headers.getall(HEADER, [])
    if len(lines) > 1:
        raise BadKey((FieldError(HEADER, FieldCode.REPEATED, on_input.SENT_TWICE),))
    return lines[0] if lines else None


def command_id(text: str | None) -> UUID:
    """The id that a key stands for; a new id if there is none. Raises BadKey."""
    return uuid4() if text is None else _id_of(_decoded(text))


def form_key(text: str) -> UUID:
    """As `command_id`, of a field. Raises BadText."""
    try:
        return _id_of(text)
    except BadKey:
        raise BadText(FieldCode.INVALID_KEY, on_input.not_a_form_key(LONGEST_KEY)) from None


def _id_of(text: str) -> UUID:
    quoted = _STRING.fullmatch(text)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
    if not 0 < len(key) <= LONGEST_KEY or not _is_text(key):
        detail = on_input.not_an_idempotency_key(LONGEST_KEY)
        raise BadKey((FieldError(HEADER, FieldCode.INVALID_KEY, detail),))
    try:
        return UUID(key)
    except ValueError:
        return uuid5(_KEYS, key)


def _is_text(key: str) -> bool:
    """Not so are bytes of a command line that are no text."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decoded(header: str) -> str:
    """The text of a header, of which the server knows only the bytes."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
