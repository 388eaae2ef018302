"""Input from outside in a sentence: short, in quotes, and with escapes for what cannot be seen."""

from typing import Final

LONGEST: Final = 80
"""Characters of an input that a sentence repeats, with the ellipsis."""
_CUT: Final = "\u2026"


def shortened(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + _CUT


def quoted(text: str) -> str:
    return repr(shortened(text))
