"""The messages of a part, each with a sample for every placeholder.

A message is a function that returns a sentence. Its parameters are texts, numbers or collections of texts, or one of a
few codes (a Literal), for which it has words: whoever calls it formats everything else.
"""

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from itertools import product
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

Message = Callable[..., str]


def messages_of(part: ModuleType) -> list[Message]:
    functions = (function for _, function in inspect.getmembers(part, inspect.isfunction))
    return [
        each for each in functions if each.__module__ == part.__name__ and not each.__name__.startswith("_")
    ]


def assert_filled(message: Message) -> None:
    """Fails if a sample is not in the text, or if the text still has a placeholder."""
    kinds = {name: kind for name, kind in get_type_hints(message).items() if name != "return"}
    codes = {name: get_args(kind) for name, kind in kinds.items() if get_origin(kind) is Literal}
    samples = {
        name: _sample(kind, number)
        for number, (name, kind) in enumerate(kinds.items(), 3)
        if name not in codes
    }
    for chosen in product(*codes.values()):
        _assert_filled(message, samples, dict(zip(codes, chosen, strict=True)))


def _assert_filled(message: Message, samples: Mapping[str, Any], codes: Mapping[str, str]) -> None:
    text = message(**samples, **codes)
    missing = [name for name, sample in samples.items() for part in _parts(sample) if part not in text]
    assert not missing, f"{message.__name__} does not show {missing}: {text}"
    assert not {"{", "}"} & set(text), text
    assert text == text.strip() != "", repr(text)


def pattern_of(message: Message, **known: str | int) -> str:
    """A regular expression for the message with `known` placeholders, and any text for the others, which are text or
    numbers."""
    others = {
        name: f"any-text-{number}" if kind is str else kind(_ANY_NUMBER[kind] + number)
        for number, (name, kind) in enumerate(get_type_hints(message).items())
        if name not in (*known, "return")
    }
    pattern = re.escape(message(**known, **others))
    for other in others.values():
        for shown in {str(other), other if isinstance(other, str) else f"{other:,}"}:
            pattern = pattern.replace(re.escape(shown), ".*")
    return pattern


_ANY_NUMBER = {int: 918_273_000, float: 91_827.5}


def _sample(kind: Any, number: int) -> str | float | list[str]:
    if kind is str:
        return f"sample-{number}"
    if kind is int:
        return number
    if kind is float:
        return number + 0.5
    assert issubclass(get_origin(kind), Collection), f"a message does not take {kind}"
    return [f"sample-{number}-a", f"sample-{number}-b"]


def _parts(sample: str | float | list[str]) -> list[str]:
    return sample if isinstance(sample, list) else [str(sample)]
