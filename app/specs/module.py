"""The test: given what happened before, when the command is given, then what was recorded follows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from app.messages import accounts as messages
from app.specs.kinds import Kind
from app.specs.neutral import Neutral, command_id
from app.specs.reading import split
from app.specs.source import Source, arranged
from domain.decider import Command, Event, fold
from domain.errors import DomainError

_OWN: Final = ("domain", "tests")


class Undecided(Exception):
    """No command leads to the event: another program wrote it."""


def module(kind: Kind, recorded: Sequence[Event], revision: int) -> str:
    """The source of a test of event `revision`, an index of `recorded`. Raises Undecided."""
    neutral = Neutral(kind.own_id, kind.replacements)
    before, after = split(neutral.events(recorded[: _end(recorded, revision)]), revision)
    command = _command(kind, neutral.command_of(after[-1]), before, after)
    source = Source(_ids(kind, neutral.numbers()))
    test = _test(kind, source, before, command, after)
    return f'"""{messages.FROM_A_STREAM}"""\n\n{_imports(source.imports)}\n\n\n{test}'


def _end(recorded: Sequence[Event], revision: int) -> int:
    """After the last event of the command that led to this one."""
    before, after = split(recorded, revision)
    return len(before) + len(after)


def _command(kind: Kind, an_id: UUID, before: Sequence[Event], after: Sequence[Event]) -> Command:
    state = fold(kind.decider, before)
    commands: Iterable[Command] = kind.commands_of(an_id, after[-1], before, state)
    for command in commands:
        if _decided(kind, command, state) == after:
            return command
    raise Undecided


def _decided(kind: Kind, command: Command, state: Any) -> Sequence[Event]:
    try:
        return kind.decider.decide(command, state)
    except DomainError:
        return ()


def _ids(kind: Kind, numbers: Mapping[UUID, int]) -> Mapping[UUID, str]:
    effects = {effect: f'entry_id({number}, "{kind.own_id}")' for effect, number in numbers.items()}
    return effects | {command_id(number): f"an_id({number})" for number in numbers.values()}


def _test(
    kind: Kind, source: Source, before: Sequence[Event], command: Command, after: Sequence[Event]
) -> str:
    where, given = kind.given
    source.imports[where].add(given)
    call: Callable[[Any], str] = lambda value: source.call(value, 8)  # noqa: E731
    happened = arranged("recorded = " + given, [call(event) for event in before], 4)
    expected = arranged("decided.then", [call(event) for event in after], 4)
    asked = arranged("decided = recorded.when", [call(command)], 4)
    return f"def test_what_was_recorded_follows() -> None:\n    {happened}\n    {asked}\n    {expected}\n"


def _imports(imports: Mapping[str, Iterable[str]]) -> str:
    """The standard library first, as the linter asks for."""
    lines = [
        (module.partition(".")[0] in _OWN, module, arranged("", sorted(names), 0))
        for module, names in imports.items()
    ]
    blocks = [
        "\n".join(
            f"from {module} import {_names(names)}" for own, module, names in sorted(lines) if own is is_own
        )
        for is_own in (False, True)
    ]
    return "\n\n".join(block for block in blocks if block)


def _names(called: str) -> str:
    """`(a, b)` on one line needs no parentheses."""
    return called if "\n" in called else called[1:-1]
