"""Values as Python source, laid out as the formatter does, with the names that have to be imported."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from domain.money import Amount

WIDTH: Final = 110
_TYPES: Final = {
    **dict.fromkeys(("account_id", "other", "from_account", "to_account"), "AccountId"),
    **dict.fromkeys(("holder", "user_id"), "UserId"),
}
"""The type of an id, by the name of its field."""


class Source:
    """`ids`: an id -> the call of the test kit that makes it. `imports`: module -> names."""

    def __init__(self, ids: Mapping[UUID, str]) -> None:
        self._ids = ids
        self.imports: defaultdict[str, set[str]] = defaultdict(set)

    def call(self, value: msgspec.Struct, indent: int) -> str:
        """`Name(field=value, ...)` without what is the default anyway."""
        package, _, module = type(value).__module__.rpartition(".")
        self.imports[package if package.count(".") else f"{package}.{module}"].add(type(value).__name__)
        fields = [f"{name}={self._value(name, each, indent + 4)}" for name, each in _stated(value)]
        return arranged(type(value).__name__, fields, indent)

    def _value(self, name: str, value: Any, indent: int) -> str:
        match value:
            case UUID():
                made = self._ids[value]
                self.imports["tests.kit.accounts"].add(made.partition("(")[0])
                return made
            case Amount():
                self.imports["domain.money"].add("Amount")
                return f"Amount({value.units}, {value.decimals})"
            case msgspec.Struct():
                return self.call(value, indent)
            case datetime():
                self.imports["datetime"].add("datetime")
                return f'datetime.fromisoformat("{value.isoformat()}")'
            case date():
                self.imports["datetime"].add("date")
                return f"date({value.year}, {value.month}, {value.day})"
            case str() if name in _TYPES:
                self.imports["domain.identifiers"].add(_TYPES[name])
                return f'{_TYPES[name]}("{value}")'
            case str():
                return f'"{value}"'
            case _:
                return repr(value)


def arranged(name: str, arguments: Sequence[str], indent: int) -> str:
    """On one line if there is room; or else one argument a line."""
    line = f"{name}({', '.join(arguments)})"
    if indent + len(line) < WIDTH and "\n" not in line:
        return line
    inner = "".join(f"{' ' * (indent + 4)}{argument},\n" for argument in arguments)
    return f"{name}(\n{inner}{' ' * indent})"


def _stated(value: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(value):
        own = getattr(value, field.name)
        if field.required or own != field.default:
            yield field.name, own
