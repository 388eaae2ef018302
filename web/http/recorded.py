"""An event of the log in the JSON API."""

from typing import Any, Self

import msgspec

from eventstore.codec import as_json
from eventstore.store import Recorded
from web.http.formats import machine_time


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log holds it; `data` and `metadata` are its JSON."""

    id: str
    stream: str
    revision: int
    position: int
    type: str
    recorded: str
    data: Any
    metadata: Any

    @classmethod
    def of(cls, event: Recorded, **more: Any) -> Self:
        """`more` are the fields that a kind of answer has in addition."""
        return cls(
            id=event.event_id,
            stream=event.stream,
            revision=event.revision,
            position=event.position,
            type=event.type,
            recorded=machine_time(event.created),
            data=as_json(event.data),
            metadata=as_json(event.metadata),
            **more,
        )
