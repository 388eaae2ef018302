"""Events without personal data.

Ids of accounts and people, and every text that is not known to be harmless, get another value: always the same one for
the same text. Ids of effects are numbered in the order in which they appear, as tests.kit.accounts does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast
from uuid import UUID, uuid5

import msgspec

from domain.decider import Event

KEPT: Final = frozenset(("currency", "amount_currency", "direction", "reason"))
"""Fields whose text says nothing about anybody."""

E = TypeVar("E", bound=Event)
Replacement = Callable[[int], str]
"""The n-th text of a field, from 1 on -> what stands for it."""


def account_id(number: int) -> str:
    return "a" if number == 1 else f"a{number}"


def user_id(number: int) -> str:
    return f"u{number}"


IDS: Final[Mapping[str, Replacement]] = {
    **dict.fromkeys(("account_id", "other", "from_account", "to_account"), account_id),
    **dict.fromkeys(("holder", "user_id"), user_id),
}


def command_id(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


class Neutral:
    """`own_id` stands for the aggregate, from whose id and its command's id an effect's id is made."""

    def __init__(self, own_id: str, replacements: Mapping[str, Replacement]) -> None:
        self._own_id = own_id
        self._replacements = {**IDS, **replacements}
        self._effects: dict[UUID, int] = {}
        self._texts: dict[tuple[Replacement | str, str], int] = {}

    def events(self, events: Sequence[E]) -> tuple[E, ...]:
        return tuple(self._event(event) for event in events)

    def command_of(self, event: Event) -> UUID:
        """The id of the command that led to `event`, which is neutral already."""
        return command_id(self.numbers()[event.effect_id])

    def numbers(self) -> Mapping[UUID, int]:
        """Id of an effect -> the number of its command."""
        return {self._effect(number): number for number in self._effects.values()}

    def _event(self, event: E) -> E:
        fields = msgspec.structs.asdict(cast(msgspec.Struct, event))
        return type(event)(**{name: self._value(name, value) for name, value in fields.items()})

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, UUID):
            return self._effect(self._effects.setdefault(value, len(self._effects) + 1))
        if not isinstance(value, str) or not value or name in KEPT:
            return value
        replace = self._replacements.get(name)
        kind = replace or name
        number = self._texts.setdefault((kind, value), 1 + sum(known == kind for known, _ in self._texts))
        return replace(number) if replace else f"{name} {number}"

    def _effect(self, number: int) -> UUID:
        return uuid5(command_id(number), self._own_id)
