"""Events to append, and the expected form of events that are read."""

from contextlib import AbstractContextManager
from itertools import count
from uuid import uuid4

import pytest

from tests.clients.asking import Refused
from tests.clients.driver import Item, New

_numbers = count()


def one(type: str = "Happened", data: str | None = None) -> New:
    data = f'{{"n":{next(_numbers)}}}' if data is None else data
    return New(id=str(uuid4()), type=type, data=data, metadata="")


def some(how_many: int, type: str = "Happened") -> list[New]:
    return [one(type) for _ in range(how_many)]


def refused(name: str) -> AbstractContextManager[object]:
    return pytest.raises(Refused, match=f"^{name}: ")


def revisions(items: list[Item]) -> list[int]:
    return [item["revision"] for item in items]


def positions(items: list[Item]) -> list[int]:
    return [item["position"] for item in items]


def ids(items: list[Item] | list[New]) -> list[str]:
    return [item["id"] for item in items]


def kinds(items: list[Item]) -> list[str]:
    return [item["kind"] for item in items]
