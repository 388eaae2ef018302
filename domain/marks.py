"""Characters that notes, references and names never hold. Import cleans them out of a bank's texts.

They end a line, or they are not seen although they change what is read: controls, marks that turn the direction of
writing, spaces without width, soft hyphens. The joiners U+200C and U+200D are taken: Persian words and emoji need them.
"""

import unicodedata
from typing import Final

JOINERS: Final = frozenset("\u200c\u200d")
_SIGNS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format controls that are seen: signs around Arabic, Syriac and Kaithi numbers."""
_TAKEN: Final = JOINERS | _SIGNS
_BREAKS: Final = frozenset(("Cc", "Zl", "Zp"))
"""Unicode categories: controls, line and paragraph separators."""
_UNSEEN: Final = frozenset(("Cf", "Cs"))
"""Unicode categories: format controls, and halves of characters."""


def is_break(mark: str) -> bool:
    return unicodedata.category(mark) in _BREAKS


def is_unseen(mark: str) -> bool:
    return unicodedata.category(mark) in _UNSEEN and mark not in _TAKEN


def first_refused(text: str) -> str | None:
    """The first character of `text` that is never taken; None if there is none."""
    if text.isprintable():
        return None
    return next((mark for mark in text if is_break(mark) or is_unseen(mark)), None)


def has_something_to_see(text: str) -> bool:
    return any(mark not in JOINERS and not mark.isspace() for mark in text)


def name_of(mark: str) -> str:
    """As Unicode writes it, for example U+202E."""
    return f"U+{ord(mark):04X}"
