"""The messages of the node, each with a sample for every placeholder."""

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any, get_type_hints

Message = Callable[..., str]
_SAMPLES: dict[type, list[Any]] = {
    str: ["sample-a", "sample-b", "sample-c"],
    int: [331, 332, 333],
    float: [441.5, 442.5],
}


def messages_of(*modules: ModuleType) -> list[Message]:
    return [
        function
        for module in modules
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
    ]


def samples_of(message: Message) -> dict[str, str | int | float]:
    """A different value for each placeholder."""
    rest = {kind: iter(samples) for kind, samples in _SAMPLES.items()}
    return {name: next(rest[kind]) for name, kind in get_type_hints(message).items() if name != "return"}


def pattern_of(message: Message, **known: str | int) -> str:
    """A regular expression for the message with `known` placeholders, and any text for the others."""
    samples = samples_of(message)
    pattern = re.escape(message(**{**samples, **known}))
    for name in samples.keys() - known.keys():
        pattern = pattern.replace(re.escape(str(samples[name])), ".*")
    return pattern
