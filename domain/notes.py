"""Texts on entries, each one line: a note that a person wrote, and a reference that another system knows it by."""

import unicodedata
from typing import Final

from domain import messages
from domain.errors import InvalidNote, InvalidReference

NOTE_LENGTH: Final = 200
REFERENCE_LENGTH: Final = 100
_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, lone surrogates, line and paragraph separators."""


def check_note(text: str) -> None:
    """Raises InvalidNote."""
    if not _is_line(text, NOTE_LENGTH):
        raise InvalidNote(messages.not_a_note(NOTE_LENGTH))


def check_reference(text: str) -> None:
    """Raises InvalidReference."""
    if not _is_line(text, REFERENCE_LENGTH):
        raise InvalidReference(messages.not_a_reference(REFERENCE_LENGTH))


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and not any(unicodedata.category(mark) in _REFUSED for mark in text)
