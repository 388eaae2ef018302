"""The names of keys. All keys of a generation share one hash slot.

{balances:7}:rows ...         the read model itself        {balances:7}:changes    its change feed (a stream)
{balances:7}:meta             checkpoint, token, epoch, version; origin and last: the first event's id, the last one's
                              position and id; `keys`: how many keys the commits have created, without this one and the
                              change feed; `next` once another generation took over; `held` if it is live because of a
                              rollback: the version that was rolled back from
{balances:7}:streams          stream -> Place: its last event that counts
{balances:7}:parked           stream -> Parked             {balances:7}:parked_events   stream -> how many
{balances:7}:limited          stream -> Limited, of a stream that another program deleted or limited
daybook:projection:balances   the live generation, as a `Pointer`
daybook:building:balances     the generation being filled  daybook:previous:balances    the one to roll back to
daybook:generations:balances  the last generation number used
daybook:projector:trouble     why the log refuses the projector, for some seconds
daybook:projector             the running projector's heartbeat     daybook:projector:token   the last token issued
daybook:snapshot:...          states of the write side: no part of a read model
daybook:tried                 written for a moment to learn whether Redis takes writes
"""

from typing import Final

import msgspec

from eventstore.store import NO_POSITION

META: Final = "meta"
CHANGES: Final = "changes"
HEARTBEAT: Final = "daybook:projector"
STREAMS: Final = "streams"
PARKED: Final = "parked"
PARKED_EVENTS: Final = "parked_events"
LIMITED: Final = "limited"
STOPPING: Final = (PARKED, LIMITED)
TOKEN: Final = "daybook:projector:token"  # noqa: S105
TRIED: Final = "daybook:tried"
TROUBLE: Final = "daybook:projector:trouble"


class Pointer(msgspec.Struct, frozen=True):
    """A generation's number, and the version of the read model that it holds: `7:2`.

    Version 1 is left out: releases without versions read and wrote only the number.
    """

    number: int
    version: int

    def __str__(self) -> str:
        return str(self.number) if self.version == 1 else f"{self.number}:{self.version}"


def pointer(value: bytes | str | None) -> Pointer | None:
    """The pointer in Redis's form; None if there is none, or something else."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value or ""
    number, _, version = text.partition(":")
    if not number.isdecimal() or not (version or "1").isdecimal():
        return None
    return Pointer(int(number), int(version or 1))


def position_of(checkpoint: bytes | None) -> int | None:
    """None if it is missing or no position."""
    number = int(checkpoint) if checkpoint is not None and checkpoint.isdigit() else NO_POSITION
    return number if number < NO_POSITION else None


def prefix_of(name: str, generation: int) -> str:
    return f"{{{name}:{generation}}}:"


def live(name: str) -> str:
    return f"daybook:projection:{name}"


def building(name: str) -> str:
    return f"daybook:building:{name}"


def previous(name: str) -> str:
    return f"daybook:previous:{name}"


def snapshot(key: str) -> str:
    return f"daybook:snapshot:{key}"


def counter(name: str) -> str:
    return f"daybook:generations:{name}"
