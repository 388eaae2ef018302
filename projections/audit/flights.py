"""Money on its way: what transfers say of it against what the accounts have sent and received."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, assert_never

import msgspec
import redis

from domain.transfers import TRANSFERS, State
from projections import messages
from projections.audit.books import Books
from projections.audit.reading import at_one_position
from projections.engine.generations import Generation
from projections.engine.keys import STOPPING
from projections.readmodels.transfers import UnderWay, under_way_of


def flights(client: redis.Redis, generation: Generation, books: Books) -> Iterator[str]:
    """A sentence for each transfer that has other money on its way than its state allows, unless it is stopped."""
    prefix = generation.prefix

    def ask(pipeline: Any) -> None:
        for key in ("under_way", *STOPPING):
            pipeline.hgetall(f"{prefix}{key}")

    found, *stops = at_one_position(client, generation, books, ask)
    under_way = {name.decode(): _read(blob) for name, blob in found.items()}
    stopped = {stream.decode() for each in stops for stream in each}
    for transfer_id, flying in sorted(books.in_flight.items()):
        known = under_way.get(str(transfer_id))
        if not _agree(flying, known) and TRANSFERS.stream(str(transfer_id)) not in stopped:
            expected = f"{known.amount} {known.currency}" if known and _may_fly(known.state) else "nothing"
            yield messages.in_flight_differs(str(transfer_id), str(dict(flying)), expected)


def _read(blob: bytes) -> UnderWay | None:
    """None if it was tampered with, which another sentence says."""
    with suppress(msgspec.DecodeError):
        return under_way_of(blob)
    return None


def _agree(flying: Counter[str], known: UnderWay | None) -> bool:
    """The books leave out what has nothing on its way: each state allows that, since accounts answer first."""
    return known is not None and _may_fly(known.state) and flying == {known.currency: known.amount}


def _may_fly(state: State) -> bool:
    match state:
        case "requested" | "debited" | "declined":
            return True
        case "credited" | "completed" | "refused" | "refunded":
            return False
        case _:
            assert_never(state)
