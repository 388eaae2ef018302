"""How names and texts of the code are shown on the page."""

import re
from typing import Final

from markupsafe import Markup

_PARTS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=_)")
_CODE: Final = Markup("<code>{}</code>")


def breakable(name: str) -> Markup:
    """A name that may continue on the next line between its words: `Money|Deposited`, `value_|date`."""
    return Markup("<wbr>").join(_PARTS.split(name))


def with_code(text: str) -> Markup:
    """Text of a docstring: what is between backticks is code."""
    parts = enumerate(text.split("`"))
    return Markup("").join(_CODE.format(part) if number % 2 else part for number, part in parts)
