"""Events without personal data.

Ids of accounts and people, and every text that is not known to be harmless, get another value: always the same one for
the same text. Ids of effects are numbered in the order in which they appear, as tests.kit.accounts does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, cast
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


class Made(NamedTuple):
    """An id, and the call of the test kit that makes it."""

    id: UUID
    call: str


MadeId = Callable[[Event, str, int], Made]


def effect_on(own_id: str) -> MadeId:
    """Ids are those of effects on one aggregate, made from its id and the command's."""
    return lambda _event, _field, number: effect(number, own_id)


def effect(number: int, name: str) -> Made:
    """Of command `number`; `name` is what its id is made from, together with the command's."""
    return Made(uuid5(command_id(number), name), f'entry_id({number}, "{name}")')


class Neutral:
    """`made_id` says which id, and which call of the test kit, stands for the n-th id, which is in this field."""

    def __init__(self, made_id: MadeId, replacements: Mapping[str, Replacement]) -> None:
        self._made_id = made_id
        self._replacements = {**IDS, **replacements}
        self._made: dict[UUID, Made] = {}
        self._texts: dict[tuple[Replacement | str, str], int] = {}

    def events(self, events: Sequence[E]) -> tuple[E, ...]:
        return tuple(self._event(event) for event in events)

    def command_of(self, event: Event) -> UUID:
        """The id of the command that led to `event`, which is neutral already."""
        numbers = {made.id: number for number, made in enumerate(self._made.values(), 1)}
        return command_id(numbers.get(event.effect_id, len(numbers) + 1))

    def calls(self) -> Mapping[UUID, str]:
        """Each id -> the call of the test kit that makes it."""
        numbers = range(1, len(self._made) + 2)
        commands = {command_id(number): f"an_id({number})" for number in numbers}
        return commands | {made.id: made.call for made in self._made.values()}

    def _event(self, event: E) -> E:
        fields = msgspec.structs.asdict(cast(msgspec.Struct, event))
        return type(event)(**{name: self._value(event, name, value) for name, value in fields.items()})

    def _value(self, event: Event, name: str, value: Any) -> Any:
        if isinstance(value, UUID):
            if value not in self._made:
                self._made[value] = self._made_id(event, name, len(self._made) + 1)
            return self._made[value].id
        if not isinstance(value, str) or not value or name in KEPT:
            return value
        replace = self._replacements.get(name)
        kind = replace or name
        number = self._texts.setdefault((kind, value), 1 + sum(known == kind for known, _ in self._texts))
        return replace(number) if replace else f"{name} {number}"
