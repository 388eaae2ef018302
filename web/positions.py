"""Positions that come from outside: whether the log can have them, and whether the read models have reached them."""

from typing import Any, Final

from eventstore.store import EventStore, StoreError
from projections.engine.clients import Redis
from projections.engine.readmodel import ReadModel
from projections.engine.waiting import Waiting
from projections.readmodels import READ_MODELS
from web import messages
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError

WAIT_SECONDS: Final = 2.0
"""How long a request waits for the read models to reach a position."""

_FAR: Final = 2**20
"""EventStoreDB counts bytes: a log that is read a moment late has less than this more."""


class Positions:
    def __init__(self, redis: Redis, store: EventStore) -> None:
        self._waiting = Waiting(redis, READ_MODELS)
        self._store = store
        self._end = 0
        """As far as the log was seen to go."""

    async def reached(self, position: int | None, field: str, *models: ReadModel[Any]) -> bool:
        """Whether the live ones of `models`, by default of all, reached `position` within WAIT_SECONDS.

        None: there is nothing to wait for. Raises BadInput about `field`, ReadModelUnavailable.
        """
        if position is None:
            return True
        await self.check(position, field)
        return await self._waiting.reached(models or READ_MODELS, position, WAIT_SECONDS)

    async def check(self, position: int, field: str) -> None:
        """Raises BadInput about `field` if the position is far beyond the end of the log. Nobody got it from here."""
        try:
            is_far = await self.is_beyond(position - _FAR)
        except StoreError:
            return
        if is_far:
            wrong = FieldError(field, FieldCode.BEYOND_THE_LOG, messages.beyond_the_log(position))
            raise BadInput((wrong,))

    async def is_beyond(self, position: int) -> bool:
        """Whether the log ends before `position`. It is asked if it was not seen to go so far. Raises StoreError."""
        if position > self._end:
            self._end = await self._store.head()
        return position > self._end
