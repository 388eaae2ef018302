"""Text from a bank's file: a note that can be booked, and the form in which two notes are the same."""

import unicodedata

from domain.marks import visible


def cleaned(note: str) -> str:
    """`note` on one line, without what cannot be seen, and without spaces around it."""
    return visible(note).strip()


def normal(note: str) -> str:
    """The same for notes that differ only in case, in white space or in the Unicode form of their characters."""
    if note.isascii():
        return " ".join(note.lower().split())
    seen = unicodedata.normalize(
        "NFKC", cleaned(note)
    )  # cleaned first: an invisible character keeps marks apart
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())
