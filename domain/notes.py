"""Notes on entries: one line of text that a person wrote."""

import unicodedata
from typing import Final

from domain import messages
from domain.errors import InvalidNote

NOTE_LENGTH: Final = 200
_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, lone surrogates, line and paragraph separators."""


def check_note(text: str) -> None:
    """Raises InvalidNote."""
    if len(text) > NOTE_LENGTH or any(unicodedata.category(mark) in _REFUSED for mark in text):
        raise InvalidNote(messages.not_a_note(NOTE_LENGTH))
