"""Many small items in few bytes: a file may have a million lines. Items are made when they are asked for."""

from abc import abstractmethod
from array import array
from collections.abc import Callable, Iterator, Sequence
from struct import Struct
from typing import Any, Final, TypeVar, overload

T = TypeVar("T")

_LENGTH: Final = 4


class Texts:
    """Texts, each known by a number that `add` gives."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, text: str) -> int:
        at, encoded = len(self._bytes), text.encode()
        self._bytes += len(encoded).to_bytes(_LENGTH) + encoded
        return at

    def __getitem__(self, at: int) -> str:
        begin = at + _LENGTH
        return self._bytes[begin : begin + int.from_bytes(self._bytes[at:begin])].decode()


class Lazy(Sequence[T]):
    """A sequence that makes an item when it is asked for. It is equal to any sequence of equal items."""

    @abstractmethod
    def _item(self, at: int) -> T:
        """`at` is from 0 and below the length."""

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        places = range(len(self))[at]
        return self._item(places) if isinstance(places, int) else list(map(self._item, places))

    def __iter__(self) -> Iterator[T]:
        return map(self._item, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == its for one, its in zip(self, other, strict=True))


class Listing(Lazy[T]):
    """`make` makes an item of a row's values. `form` says how a row is packed, as for `struct`, in big-endian order."""

    def __init__(self, form: str, make: Callable[..., T]) -> None:
        self._form, self._make = Struct(f">{form}"), make
        self._rows = bytearray()

    def add(self, *values: int | bytes) -> None:
        self._rows += self._form.pack(*values)

    def row(self, at: int) -> tuple[Any, ...]:
        """The values."""
        return self._form.unpack_from(self._rows, at * self._form.size)

    def sort(self) -> None:
        """By the first value, such as the number of a line: it is not below zero, and no two rows have the same."""
        size, old, self._rows = self._form.size, self._rows, bytearray()
        places = array("I")
        for at, (first, *_) in enumerate(self._form.iter_unpack(old), 1):
            if first >= len(places):
                places.frombytes(bytes(places.itemsize * (first + 1 - len(places))))
            places[first] = at
        for at in filter(None, places):
            self._rows += old[(at - 1) * size : at * size]

    def __len__(self) -> int:
        return len(self._rows) // self._form.size

    def _item(self, at: int) -> T:
        return self._make(*self.row(at))
