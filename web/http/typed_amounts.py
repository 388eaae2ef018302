"""Amounts as people type them into forms, with a decimal point or a decimal comma. The API takes only a point.

1250.50   1250,50   1 250,50   1,250.50   1.250,50   1,250,000   are taken
1,250     may be either, and is refused
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final, TypeVar

from domain.errors import InvalidAmount
from domain.money import SPACES
from web import messages_on_input as messages
from web.http.inputs import Fields, grouped

T = TypeVar("T")

_WITH_SIGNS: Final = re.compile(grouped(".,") + r"(?P<fraction>[.,][0-9]+)?")
_COMMA: Final = re.compile(rf"(?P<whole>[+-]?[0-9{SPACES}]*[0-9]),(?P<fraction>[0-9]+)")
_EITHER: Final = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


class TypedFields(Fields):
    """The fields of a form, of which `amounts` are read as people type them."""

    def __init__(self, given: Mapping[str, object], amounts: Collection[str]) -> None:
        super().__init__(given)
        self._amounts = amounts

    def read(self, name: str, parse: Callable[[str], T], fallback: T) -> T:
        if name not in self._amounts:
            return super().read(name, parse, fallback)
        return super().read(name, lambda text: parse(with_point(text)), fallback)


def with_point(text: str) -> str:
    """The amount with a decimal point and no signs between groups; other text stays as it is.

    Raises InvalidAmount if it may be two amounts.
    """
    typed = text.strip()
    if _EITHER.fullmatch(typed):
        raise InvalidAmount(
            messages.comma_or_thousands(typed, typed.replace(",", "."), typed.replace(",", ""))
        )
    if (found := _WITH_SIGNS.fullmatch(typed)) and _is_grouped(found["sign"], found["fraction"], typed):
        whole = typed.removesuffix(found["fraction"] or "").replace(found["sign"], "")
        return whole + (found["fraction"] or "").replace(",", ".")
    if found := _COMMA.fullmatch(typed):
        return f"{found['whole']}.{found['fraction']}"
    return text


def _is_grouped(sign: str, fraction: str | None, typed: str) -> bool:
    """A sign that is there once and alone begins the decimals; one that comes twice, or before the other, is between
    groups.
    """
    return typed.count(sign) > 1 if fraction is None else fraction[0] != sign
