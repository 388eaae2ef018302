"""Accounts by the names of those who hold them."""

from collections.abc import Mapping
from typing import Final

import msgspec

from eventstore.personal.keys import KeysUnavailable
from projections.engine.reading import ReadModelUnavailable
from projections.readmodels import people
from web.http.problems import NamesUnavailable
from web.services import Services

MOST_HOLDERS: Final = 500
"""The accounts of at most so many people are looked for."""

UNSEARCHABLE: Final = (KeysUnavailable, NamesUnavailable, ReadModelUnavailable)
"""Names cannot be searched at the moment."""


class Held(msgspec.Struct, frozen=True):
    """Account id -> user id. `is_complete` is false if more people were found than are looked at."""

    accounts: Mapping[str, str] = {}
    is_complete: bool = True


async def held_by(services: Services, q: str) -> Held:
    """Of people in whose names each word of `q` begins some word. Raises what is in UNSEARCHABLE."""
    if not q.split():
        return Held()
    user_ids = await services.directory.search(q, MOST_HOLDERS + 1)
    return Held(await _accounts(services, user_ids[:MOST_HOLDERS]), len(user_ids) <= MOST_HOLDERS)


async def held_by_all(services: Services, q: str) -> Mapping[str, str]:
    """Account id -> user id, of all such people. Raises what is in UNSEARCHABLE."""
    user_ids = await services.directory.search_all(q) if q.split() else []
    accounts: dict[str, str] = {}
    for start in range(0, len(user_ids), MOST_HOLDERS):
        accounts |= await _accounts(services, user_ids[start : start + MOST_HOLDERS])
    return accounts


async def _accounts(services: Services, user_ids: list[str]) -> dict[str, str]:
    found = await people.people(services.redis, user_ids)
    return {name: each.user_id for each in found for name in (*each.accounts, *each.former)}
