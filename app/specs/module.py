"""The test: given what happened before, when the command is given, then what was recorded follows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from app.messages import accounts as messages
from app.specs.kinds import Kind
from app.specs.neutral import Neutral
from app.specs.reading import split
from app.specs.source import WIDTH, Source, arranged
from domain.decider import Command, Event, fold
from domain.errors import DomainError

_OWN: Final = ("domain", "tests")


class Undecided(Exception):
    """No command leads to the event: another program wrote it."""


def module(kind: Kind, recorded: Sequence[Event], revision: int) -> str:
    """The source of a test of event `revision`, an index of `recorded`. Raises Undecided."""
    neutral = Neutral(kind.made_id, kind.replacements)
    before, after = split(neutral.events(recorded[: _end(recorded, revision)]), revision)
    command = _command(kind, neutral.command_of(after[-1]), before, after)
    source = Source(neutral.calls())
    test = _test(kind, source, before, command, after)
    return f'"""{messages.FROM_A_STREAM}"""\n\n{_imports(source.imports)}\n\n\n{test}'


def _end(recorded: Sequence[Event], revision: int) -> int:
    """After the last event of the command that led to this one."""
    before, after = split(recorded, revision)
    return len(before) + len(after)


def _command(kind: Kind, an_id: UUID, before: Sequence[Event], after: Sequence[Event]) -> Command:
    state = fold(kind.decider, before)
    commands: Iterable[Command] = kind.commands_of(an_id, after, before, state)
    for command in commands:
        if _decided(kind, command, state) == after:
            return command
    raise Undecided


def _decided(kind: Kind, command: Command, state: Any) -> Sequence[Event]:
    try:
        return kind.decider.decide(command, state)
    except DomainError:
        return ()


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
    modules = sorted(imports.items())
    blocks = [
        "\n".join(
            _import(module, sorted(names))
            for module, names in modules
            if (module.partition(".")[0] in _OWN) is is_own
        )
        for is_own in (False, True)
    ]
    return "\n\n".join(block for block in blocks if block)


def _import(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    inner = "".join(f"    {name},\n" for name in names)
    return f"from {module} import (\n{inner})"
