"""A trace in the JSON API."""

from pathlib import Path

import msgspec
from litestar import get

from projections.causes import Trace
from projections.engine.reading import LONGEST_PAGE
from projections.readmodels import trace as index
from web import messages
from web.http.answers import AnyRequest
from web.http.bodies import problems
from web.http.parameters import Limit, MinPosition, Position
from web.http.problems import Settling, UnknownTrace
from web.http.recorded import EventAnswer
from web.services import Services
from web.trace import view


class TracedEventAnswer(EventAnswer, frozen=True, kw_only=True):
    """`children` are the ids of the events that this one led to."""

    children: list[str]


class TraceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The events of a request in the order of the log, and how many `more` there are; `after` continues it, or is null.

    An event that is no other's child was caused by a command, or by something that is not known.
    """

    correlation_id: str
    events: list[TracedEventAnswer]
    more: int
    after: int | None

    @classmethod
    def of(cls, trace: Trace) -> "TraceAnswer":
        oldest_first = sorted(trace.steps, key=lambda step: step.recorded.position)
        return cls(
            correlation_id=trace.correlation_id,
            events=[
                TracedEventAnswer.of(step.recorded, children=list(step.children)) for step in oldest_first
            ],
            more=trace.more,
            after=trace.last if trace.more else None,
        )


@get("/trace/{correlation_id:path}", responses=problems(400, 404, 422, 503))
async def read_trace(
    request: AnyRequest,
    services: Services,
    correlation_id: Path,
    after: Position = None,
    limit: Limit = LONGEST_PAGE,
    min_position: MinPosition = None,
) -> TraceAnswer:
    """What led to what: the events with this correlation id, oldest first. `after` continues it: a position."""
    wanted = view.named(request.scope, f"/api{view.PAGE}")
    settled = await services.positions.reached(min_position, "min_position", index.MODEL)
    try:
        return TraceAnswer.of(await view.found(services, wanted, after, limit))
    except UnknownTrace:
        if min_position is not None and not settled:
            raise Settling(messages.position_not_reached(min_position)) from None
        raise
