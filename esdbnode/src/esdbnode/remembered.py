"""A bounded memory of answers that do not change, or that are changed in it too."""

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """What `find` returned for each key. It begins again when it holds `most` keys."""

    def __init__(self, find: Callable[[Key], Value], most: int) -> None:
        self._find = find
        self._most = most

    def __missing__(self, key: Key) -> Value:
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._find(key)
        return value
