"""The list of people and the entries of one person as files: see web.http.exports."""

from typing import Annotated, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from litestar.response import Stream

from domain.identifiers import parse_user_id
from projections.readmodels import people
from projections.readmodels.people import Person
from web.http.exports import FORMATS, TOGETHER, Export, Format, Rows, answer
from web.services import Services
from web.users import view
from web.users.answers import EntryOfUserAnswer, ListedUserAnswer

_PEOPLE: Final = Export(name="users", row=ListedUserAnswer)
_ENTRIES: Final = Export(name="entries", row=EntryOfUserAnswer)


def routes() -> list[HTTPRouteHandler]:
    return [route(form) for route in (_people, _entries) for form in FORMATS]


def _people(form: Format) -> HTTPRouteHandler:
    async def export(services: Services, q: Annotated[str, Parameter(max_length=200)] = "") -> Stream:
        return await answer(_PEOPLE, form, _people_rows(services, q), "daybook-people")

    return get(f"/users.{form}", include_in_schema=False)(export)


async def _people_rows(services: Services, q: str) -> Rows:
    """Those whom the search finds when it begins; without those who are deleted before they are read."""
    user_ids = await services.directory.search_all(q)
    for start in range(0, len(user_ids), TOGETHER):
        found = await people.people(services.redis, user_ids[start : start + TOGETHER])
        yield [ListedUserAnswer.of(each) for each in await view.shown(services, found)]


def _entries(form: Format) -> HTTPRouteHandler:
    async def export(services: Services, user_id: str) -> Stream:
        person = await view.known(services, parse_user_id(user_id))
        return await answer(
            _ENTRIES, form, _entry_rows(services, person), f"daybook-entries-{person.user_id}"
        )

    return get(f"/users/{{user_id:str}}/entries.{form}", include_in_schema=False)(export)


async def _entry_rows(services: Services, person: Person) -> Rows:
    before: int | None = None
    while True:
        page = await view.entries(services, person, before, TOGETHER)
        yield [EntryOfUserAnswer.on(each) for each in page.entries]
        if page.before is None:
            return
        before = page.before
