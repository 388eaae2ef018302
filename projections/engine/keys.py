"""The names of keys. All keys of a generation share one hash slot.

{balances:7}:rows ...         the read model itself        {balances:7}:changes    its change feed (a stream)
{balances:7}:meta             checkpoint, token, epoch, origin; `next` once another generation took over
{balances:7}:parked           stream -> Parked             {balances:7}:parked_events   stream -> how many
daybook:projection:balances   the live generation          daybook:building:balances    the one being filled first
daybook:generations:balances  the last generation used     daybook:previous:balances    the one to roll back to
daybook:projector             the running projector's heartbeat     daybook:projector:token   the last token given
"""

from typing import Final

HEARTBEAT: Final = "daybook:projector"
TOKEN: Final = "daybook:projector:token"  # noqa: S105


def prefix_of(name: str, generation: int) -> str:
    return f"{{{name}:{generation}}}:"


def live(name: str) -> str:
    return f"daybook:projection:{name}"


def building(name: str) -> str:
    return f"daybook:building:{name}"


def previous(name: str) -> str:
    return f"daybook:previous:{name}"


def counter(name: str) -> str:
    return f"daybook:generations:{name}"
