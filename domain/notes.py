"""Texts on entries, each one line: a note that a person wrote, and a reference that another system knows it by.

This is a rule for commands. The log may hold texts from before the rule.
"""

from typing import Final

from domain import messages
from domain.errors import InvalidNote, InvalidReference
from domain.marks import first_refused, name_of

NOTE_LENGTH: Final = 200
REFERENCE_LENGTH: Final = 100


def check_note(text: str) -> None:
    """Raises InvalidNote."""
    if len(text) > NOTE_LENGTH:
        raise InvalidNote(messages.not_a_note(NOTE_LENGTH))
    if mark := first_refused(text):
        raise InvalidNote(messages.not_for_lines(name_of(mark)))


def check_reference(text: str) -> None:
    """Raises InvalidReference."""
    if len(text) > REFERENCE_LENGTH:
        raise InvalidReference(messages.not_a_reference(REFERENCE_LENGTH))
    if mark := first_refused(text):
        raise InvalidReference(messages.not_for_lines(name_of(mark)))
