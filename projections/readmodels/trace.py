"""The read model `trace`: which events belong to one request, whichever streams they are in.

of:{bucket}    sorted set of members: a digest of the correlation id, then the position of an event

The digest has 48 bits. The first 14 choose the bucket, and the other 34 are the first 9 hexadecimal digits of the
member; the 12 digits after them are the position. All scores are 0, so members are sorted as text: the events of a
correlation id follow each other, oldest first. There are 16,384 buckets, however many events the log has: so Redis
keeps them in its compact form, up to some two million events (docs/adr/0033).

Two correlation ids may have one digest. Whoever reads the events compares their metadata.
"""

from hashlib import blake2b
from typing import Final

from domain.decider import Event
from domain.vocabulary import AGGREGATES
from eventstore.codec import Fact
from projections.engine.clients import Redis
from projections.engine.reading import LONGEST_PAGE, answering, live_prefix
from projections.engine.readmodel import ReadModel
from projections.engine.writes import SortedSetScore, Write

_BYTES: Final = 6
_REST: Final = 34
"""Bits of the digest that are not in the bucket's name."""
_DIGITS: Final = 9
_LAST: Final = 2**48 - 1
"""The last position that 12 digits hold. EventStoreDB counts bytes: that is a log of 281 terabytes."""
_AFTER_ALL: Final = "g"
"""Sorts behind every hexadecimal digit."""


def project(fact: Fact[Event]) -> tuple[Write, ...]:
    if not fact.correlation_id:
        return ()
    key, digest = place_of(fact.correlation_id)
    return (SortedSetScore(key, f"{digest}{fact.recorded.position:012x}", 0),)


def place_of(correlation_id: str) -> tuple[str, str]:
    """The key, and what its members begin with."""
    text = correlation_id.encode(errors="surrogatepass")
    number = int.from_bytes(blake2b(text, digest_size=_BYTES).digest(), "big")
    return f"of:{number >> _REST:x}", f"{number & (1 << _REST) - 1:09x}"


def position_of(member: bytes) -> int:
    """Raises ValueError for another program's member."""
    return int(member[_DIGITS:], 16)


MODEL: Final = ReadModel[Event](name="trace", version=1, categories=tuple(AGGREGATES), project=project)


async def positions(
    redis: Redis, correlation_id: str, *, after: int = -1, limit: int = LONGEST_PAGE
) -> tuple[tuple[int, ...], int]:
    """The positions beyond `after` of the events with this correlation id, oldest first, and how many more there are.

    A few may be of events with another one. Raises ReadModelUnavailable.
    """
    key, digest = place_of(correlation_id)
    lowest, highest = f"[{digest}{min(after + 1, _LAST):012x}", f"({digest}{_AFTER_ALL}"
    found: list[bytes]
    async with answering():
        name = f"{await live_prefix(redis, MODEL)}{key}"
        async with redis.pipeline(transaction=True) as pipeline:
            pipeline.zrangebylex(name, lowest, highest, start=0, num=min(limit, LONGEST_PAGE))
            pipeline.zlexcount(name, lowest, highest)
            found, count = await pipeline.execute()
    return tuple(map(position_of, found)), count - len(found)
