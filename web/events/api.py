"""The log itself in the JSON API."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from domain.accounts import ACCOUNTS
from eventstore.store import EventStore, NoSuchPosition, Recorded
from web import messages
from web import messages_on_input as on_input
from web.http.bodies import problems
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError
from web.http.parameters import Limit, Position
from web.http.recorded import EventAnswer
from web.http.rendering import PAGE_ROWS
from web.services import Services


class EventsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`before` continues the list; null at its end."""

    events: list[EventAnswer]
    before: int | None


@get("/events", responses=problems(400, 422, 503))
async def read_events(
    services: Services,
    stream: Annotated[
        str | None, Parameter(min_length=1, max_length=100, description="For example account-576")
    ] = None,
    before: Position = None,
    limit: Limit = PAGE_ROWS,
) -> EventsAnswer:
    """The log itself, newest first. `before` continues it: a position, or in one stream a revision."""
    if stream is not None and not stream.startswith(f"{ACCOUNTS.category}-"):
        detail = on_input.not_a_stream_of_accounts(ACCOUNTS.category)
        raise BadInput((FieldError("stream", FieldCode.NOT_A_STREAM_OF_ACCOUNTS, detail),))
    if stream is None:
        recorded = await _of_all(services, before, limit)
        further = recorded[-1].position if len(recorded) == limit else None
    else:
        recorded = await _of_stream(services.store, stream, before, limit)
        further = recorded[-1].revision if len(recorded) == limit else None
    return EventsAnswer(events=[EventAnswer.of(event) for event in recorded], before=further or None)


async def _of_all(services: Services, before: int | None, limit: int) -> list[Recorded]:
    """The events below position `before`, newest first. Beyond the end of the log that is all of them.

    Raises BadInput.
    """
    if before == 0:
        return []
    start = None if before is not None and await services.positions.is_beyond(before) else before
    try:
        return await services.store.read_all(prefixes=(f"{ACCOUNTS.category}-",), before=start, limit=limit)
    except NoSuchPosition as error:
        wrong = FieldError("before", FieldCode.NOT_FROM_A_PAGE, messages.not_a_position(before or 0))
        raise BadInput((wrong,)) from error


async def _of_stream(store: EventStore, stream: str, before: int | None, limit: int) -> list[Recorded]:
    """The events below revision `before`, newest first."""
    if before == 0:
        return []
    start = None if before is None else before - 1
    return await store.read_stream(stream, start=start, limit=limit, backwards=True)
