"""Characters that notes, references and names never hold. Import cleans them out of a bank's texts.

They end a line, or they are not seen although they change what is read: controls, marks that turn the direction of
writing, spaces without width, soft hyphens. The joiners U+200C and U+200D are taken: Persian words and emoji need them.
So are tags, but only in the flags of England, Scotland and Wales: elsewhere they hide text.
"""

import re
import unicodedata
from typing import Final

JOINERS: Final = frozenset("\u200c\u200d")
_SIGNS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format controls that are seen: signs around Arabic, Syriac and Kaithi numbers."""
_TAKEN: Final = JOINERS | _SIGNS
_FLAG, _TAG, _END = "\U0001f3f4", 0xE0000, "\U000e007f"
FLAGS: Final = tuple(
    _FLAG + "".join(chr(_TAG + ord(letter)) for letter in region) + _END
    for region in ("gbeng", "gbsct", "gbwls")
)
"""Those that Unicode recommends: https://www.unicode.org/Public/emoji/latest/emoji-sequences.txt"""
_FLAGS: Final = re.compile("|".join(FLAGS))
_FLAG_OR_MARK: Final = re.compile(f"{_FLAGS.pattern}|.", re.DOTALL)
_BREAKS: Final = frozenset(("Cc", "Zl", "Zp"))
"""Unicode categories: controls, line and paragraph separators."""
_UNSEEN: Final = frozenset(("Cf", "Cs"))
"""Unicode categories: format controls, and halves of characters."""


def _is_break(mark: str) -> bool:
    return unicodedata.category(mark) in _BREAKS


def _is_unseen(mark: str) -> bool:
    return unicodedata.category(mark) in _UNSEEN and mark not in _TAKEN


def first_refused(text: str) -> str | None:
    """The first character of `text` that is never taken; None if there is none."""
    if text.isprintable():
        return None
    return next((mark for mark in _FLAGS.sub(_FLAG, text) if _is_break(mark) or _is_unseen(mark)), None)


def visible(text: str) -> str:
    """`text` with a space for each break, and without what is not seen."""
    return text if text.isprintable() else _FLAG_OR_MARK.sub(_visible, text)


def _visible(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in FLAGS:
        return mark
    if _is_break(mark):
        return " "
    return "" if _is_unseen(mark) else mark


def has_something_to_see(text: str) -> bool:
    return any(mark not in JOINERS and not mark.isspace() for mark in text)


def name_of(mark: str) -> str:
    """As Unicode writes it, for example U+202E."""
    return f"U+{ord(mark):04X}"
