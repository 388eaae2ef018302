"""Text from a bank's file: a note that can be booked, and the form in which two notes are the same."""

import unicodedata
from typing import Final

_SPACES: Final = frozenset(("Cc", "Zl", "Zp"))
"""Unicode categories that become a space: controls, line and paragraph separators."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Persian words and emoji need them."""
_INVISIBLE: Final = frozenset(("Cf", "Cs"))
"""Unicode categories that go: marks that nobody sees, and halves of characters."""


def cleaned(note: str) -> str:
    """`note` on one line, without what cannot be seen, and without spaces around it."""
    if note.isprintable():
        return note.strip()
    return "".join(map(_cleaned, note)).strip()


def _cleaned(mark: str) -> str:
    category = unicodedata.category(mark)
    if category in _SPACES:
        return " "
    return "" if category in _INVISIBLE and mark not in _JOINERS else mark


def normal(note: str) -> str:
    """The same for notes that differ only in case, in white space or in the Unicode form of their characters."""
    if note.isascii():
        return " ".join(note.lower().split())
    seen = unicodedata.normalize(
        "NFKC", cleaned(note)
    )  # cleaned first: an invisible character keeps marks apart
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())
