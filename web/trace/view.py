"""A trace as its page shows it, and its address."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote, unquote, urlencode

import msgspec
from litestar.types import HTTPScope

from projections import causes
from projections.causes import Money, Step, Trace
from web import messages_on_traces as messages
from web.http.problems import UnknownTrace
from web.services import Services

PAGE: Final = "/trace"
_DOTS: Final = (".", "..")
"""Browsers take these as folders, also if they are escaped."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An event. `before`, `subject` and `after` are its words, `address` is the page of its account or person.

    `closes` is how many lists of the tree end before it; `opens`: a list begins, of what the event before led to.
    """

    step: Step
    before: str
    subject: str
    after: str
    address: str
    money: Money | None
    opens: bool
    closes: int


async def found(services: Services, correlation_id: str, after: int | None, limit: int) -> Trace:
    """Raises UnknownTrace, ReadModelUnavailable, StoreUnavailable."""
    start = -1 if after is None else after
    trace = await causes.trace(services.redis, services.store, correlation_id, after=start, limit=limit)
    if trace is None:
        raise UnknownTrace(messages.no_event_with(correlation_id))
    return trace


def rows(steps: Sequence[Step]) -> Iterator[Row]:
    depth = -1
    for step in steps:
        category, _, subject = step.recorded.stream.partition("-")
        before, after = messages.IN_A_TRACE.get(step.recorded.type, (f"{step.recorded.type} on", ""))
        yield Row(
            step=step,
            before=before,
            subject=subject,
            after=after,
            address=f"/{category}s/{quote(subject, safe='')}",
            money=causes.money_of(step.recorded),
            opens=step.depth > depth,
            closes=max(0, depth - step.depth),
        )
        depth = step.depth


def address_of(correlation_id: str) -> str:
    if correlation_id in _DOTS:
        return f"{PAGE}?{urlencode({'id': correlation_id})}"
    return f"{PAGE}/{quote(correlation_id, safe='')}"


def named(scope: HTTPScope, page: str) -> str:
    """The correlation id in the address of a request, below `page`; "" if there is none.

    From the address as it was sent: in the path that is decoded, a slash of the id is one of the path.
    """
    path = scope["raw_path"].partition(b"?")[0].decode("latin-1")
    _, _, escaped = path.partition(f"{page}/")
    return unquote(escaped)
