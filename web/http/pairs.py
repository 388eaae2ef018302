"""`a=1&b=2`, of addresses and forms, read strictly: text in UTF-8, each name once."""

from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote_to_bytes

from domain.quoting import shortened
from web import messages_on_input as on_input
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError

Pair = tuple[str, str]


def decoded(encoded: bytes) -> list[Pair]:
    """Names and values. Raises BadInput with each that is not UTF-8, or is there twice."""
    found: list[Pair] = []
    wrong: dict[str, FieldError] = {}
    for part in filter(None, encoded.split(b"&")):
        name, _, value = part.partition(b"=")
        try:
            found.append((_text(name), _text(value)))
        except UnicodeDecodeError:
            field = shortened(_bytes(name).decode(errors="replace"))
            wrong[field] = FieldError(field, FieldCode.NOT_UTF_8, on_input.NOT_UTF_8)
    errors = [*wrong.values(), *repeated(name for name, _ in found)]
    if errors:
        raise BadInput(errors)
    return found


def repeated(names: Iterable[str]) -> Iterator[FieldError]:
    """An error for each name that is there twice."""
    seen: set[str] = set()
    said: set[str] = set()
    for name in names:
        if name in seen and name not in said:
            said.add(name)
            yield FieldError(shortened(name), FieldCode.REPEATED, on_input.SENT_TWICE)
        seen.add(name)


def unknown(names: Iterable[str], known: Collection[str]) -> list[FieldError]:
    return [
        FieldError(shortened(name), FieldCode.UNKNOWN_PARAMETER, on_input.PARAMETER_UNKNOWN)
        for name in sorted({*names} - {*known})
    ]


def _text(encoded: bytes) -> str:
    return _bytes(encoded).decode()


def _bytes(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))
