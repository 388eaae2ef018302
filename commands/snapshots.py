"""Snapshots of states: a cache outside the process, never needed. What cannot be used is ignored.

The blob is a digest of the rest, and the rest as msgpack: format, hash of the schema, stream, revision, the id of the
event at that revision, and the state. Events inside a state are written in their wire form.
"""

import hashlib
import sys
import zlib
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any, Final, Generic, Protocol, TypeVar, get_args, get_origin

import msgspec

from commands import messages
from commands.cache import Loaded
from domain.decider import Decider, Event
from domain.errors import DomainError
from domain.idempotency import WINDOW, Effects
from domain.vocabulary import VOCABULARY
from eventstore.codec import UNDECODABLE, decode_data, encode_data

FORMAT: Final = 1
"""Raise it when blobs are written in another way, or when `evolve` makes another state of the same events."""

_DIGEST: Final = hashlib.sha256().digest_size
_UNREADABLE: Final = (*UNDECODABLE, DomainError, KeyError, TypeError, zlib.error)

S = TypeVar("S")


class Snapshots(Protocol):
    """Where the blobs are kept. Every call may raise OSError, and may take long."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, blob: bytes) -> None: ...

    async def close(self) -> None: ...


class Unusable(Exception):
    """The message says why, as a part of a sentence."""


class _Written(msgspec.Struct, array_like=True, frozen=True):
    format: int
    schema: bytes
    stream: str
    revision: int
    last: str
    state: msgspec.Raw


class Form(Generic[S]):
    """How the states of one aggregate are written. Every change of their shape, or of an event's, changes `schema`."""

    def __init__(self, decider: Decider[Any, S, Any]) -> None:
        states = get_args(decider.states) or (decider.states,)
        self._forms: Final = {state: _form_of(state) for state in states}
        self._states: Final = {form: state for state, form in self._forms.items()}
        union: Any = reduce(or_, self._states)
        self._decode_state: Final = msgspec.msgpack.Decoder(union).decode
        self.schema: Final = _hash_of(decider.category, union)

    def key(self, stream: str) -> str:
        """Processes of two releases do not overwrite each other's snapshots."""
        return f"{self.schema.hex()[:16]}:{stream}"

    def encode(self, stream: str, loaded: Loaded[S]) -> bytes:
        form = self._forms[type(loaded.state)]
        state = msgspec.Raw(_encode(form(**_fields_of(loaded.state, Effects, _stored))))
        rest = _encode(_Written(FORMAT, self.schema, stream, loaded.revision, loaded.last, state))
        return hashlib.sha256(rest).digest() + rest

    def decode(self, stream: str, blob: bytes) -> Loaded[S]:
        """Raises Unusable, whatever `blob` is."""
        rest = memoryview(blob)[_DIGEST:]
        if hashlib.sha256(rest).digest() != blob[:_DIGEST]:
            raise Unusable(messages.SNAPSHOT_DAMAGED)
        try:
            written = _decode(rest)
            if (written.format, written.schema) != (FORMAT, self.schema):
                raise Unusable(messages.SNAPSHOT_OF_ANOTHER_RELEASE)
            if written.stream != stream:
                raise Unusable(messages.SNAPSHOT_MISPLACED)
            form = self._decode_state(written.state)
            state = self._states[type(form)](**_fields_of(form, _STORED_EFFECTS, _effects))
        except _UNREADABLE as error:
            raise Unusable(messages.SNAPSHOT_DAMAGED) from error
        return Loaded(state, written.revision, written.last, snapshot=written.revision)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Written).decode
_decode_events: Final = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


def _form(name: str, fields: Iterable[tuple[str, Any]], *, tag: bool) -> Any:
    return msgspec.defstruct(name, list(fields), frozen=True, kw_only=True, tag=tag)


_STORED_EFFECTS: Final = _form(
    "StoredEffects",
    ((each.name, bytes if each.name == "recent" else each.type) for each in msgspec.structs.fields(Effects)),
    tag=False,
)
"""`Effects` as it is written: `recent` is a compressed list of wire names and wire data, in order."""


def _form_of(state: Any) -> Any:
    """The class of state as it is written: with a tag, so that it can be told from the others."""
    fields = (
        (each.name, _STORED_EFFECTS if get_origin(each.type) is Effects else each.type)
        for each in msgspec.structs.fields(state)
    )
    return _form(state.__name__, fields, tag=True)


def _hash_of(category: str, states: Any) -> bytes:
    """Integers are in the machine's byte order."""
    events = [each for each in VOCABULARY if each.category == category]
    shapes = msgspec.json.schema_components([states, *(each.cls for each in events)])
    names = [(each.name, each.version) for each in events]
    described = msgspec.json.encode([shapes, names, WINDOW, sys.byteorder], order="sorted")
    return hashlib.sha256(described).digest()


def _fields_of(struct: Any, kind: type, converted: Callable[[Any], object]) -> dict[str, object]:
    """The fields by name; those of `kind` are converted."""
    fields = ((name, getattr(struct, name)) for name in struct.__struct_fields__)
    return {name: converted(value) if isinstance(value, kind) else value for name, value in fields}


def _stored(effects: Effects[Event]) -> object:
    events = _encode([encode_data(event) for event in effects.recent.values()])
    return _STORED_EFFECTS(**{**msgspec.structs.asdict(effects), "recent": zlib.compress(events, 1)})


def _effects(stored: Any) -> Effects[Event]:
    pairs = _decode_events(zlib.decompress(stored.recent))
    events = [decode_data(name, data) for name, data in pairs]
    recent = {event.effect_id: event for event in events}
    return Effects(**{**msgspec.structs.asdict(stored), "recent": recent})
