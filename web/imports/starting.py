"""An import starts again from its page: to book, to repeat what failed, or to take over what no longer moves."""

from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from litestar import post
from litestar.response import Redirect
from litestar.response.base import Response

from commands.deciding import Terms, WrongVersion
from domain.imports import IMPORTS, EndImport, Existing, Standing, StartImport, UnknownImport
from domain.imports import messages as on_imports
from eventstore.store import TICKS_PER_SECOND, Recorded
from web import messages_on_imports as messages
from web.accounts import forms
from web.accounts.entries import sent
from web.http import requests
from web.http.answers import AnyRequest
from web.http.codes import FieldCode
from web.http.formats import now
from web.http.inputs import BadText, Fields
from web.http.problems import RETRY_AFTER
from web.imports import view
from web.imports.pages import import_page
from web.live.regions import Regions
from web.messages_on_input import NOT_A_REVISION
from web.services import Services

SILENT_SECONDS: Final = 30.0
"""So long nothing has to have happened before an import can be taken over."""
_WISHES: Final = ("book_similar", "all_new", "again", "take_over")
_Typed = dict[str, str]


@post("/imports/{import_id:str}", include_in_schema=False)
async def start_again(
    request: AnyRequest, services: Services, regions: Regions, import_id: str
) -> Response[Any]:
    """What was wished for counts only for the state that the page showed; otherwise the page shows the new one."""
    wanted, typed = view.id_of(import_id), await sent(request)
    key, revision = forms.key_of(request.headers, typed), _revision(typed)
    page = Redirect(f"/imports/{wanted}", status_code=303)
    standing, last = await _found(services, wanted)
    command = _command(wanted, key, standing, typed)
    if last.revision != revision:
        return page
    if command.takes_over and not services.importer.has(command.digest) and _is_silent(last):
        await _end(services, wanted, standing)
        return page
    refusal = _refusal(services, command, last)
    if refusal:
        requests.refused(refusal)
        status, headers = (503, {"Retry-After": RETRY_AFTER}) if refusal == messages.IS_FULL else (409, {})
        return await import_page(
            services, regions, str(wanted), refusal=refusal, status=status, headers=headers
        )
    try:
        started = await _start(services, command, revision)
    except WrongVersion:
        return page
    return Redirect(f"/imports/{wanted}?started={started}", status_code=303)


async def _found(services: Services, import_id: UUID) -> tuple[Standing, Recorded]:
    """Its standing and its last event. Raises UnknownImport."""
    stream = IMPORTS.stream(str(import_id))
    last = await services.store.read_stream(stream, limit=1, backwards=True)
    found = await services.imports.state(import_id)
    if not isinstance(found, Existing) or not last:
        raise UnknownImport(on_imports.unknown_import(str(import_id)))
    return found.standing, last[0]


def _revision(typed: _Typed) -> int:
    """Raises BadInput."""
    fields = Fields(typed)
    fields.require("revision")
    revision = fields.read("revision", _number, 0)
    fields.check()
    return revision


def _number(text: str) -> int:
    """Raises BadText."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise BadText(FieldCode.INVALID_PARAMETER, NOT_A_REVISION)
    return int(text)


def _command(import_id: UUID, key: UUID, before: Standing, typed: _Typed) -> StartImport:
    """To repeat a run or to take it over keeps what it was to do. Each button of a page is a command of its own."""
    keeps = "again" in typed or "take_over" in typed
    return StartImport(
        import_id=import_id,
        command_id=uuid5(key, " ".join(name for name in _WISHES if name in typed)),
        file=before.file,
        digest=before.digest,
        format=before.format,
        currency=before.currency,
        only_check=before.only_check if keeps else False,
        book_similar=before.book_similar if keeps else "book_similar" in typed,
        all_new=before.all_new if keeps else "all_new" in typed,
        shorten_notes=before.shorten_notes,
        takes_over="take_over" in typed,
    )


def _refusal(services: Services, command: StartImport, last: Recorded) -> str:
    """Why it cannot start now; "" if it can."""
    if command.takes_over and not _is_silent(last):
        return messages.NOT_SILENT_YET
    if not services.importer.has(command.digest):
        return messages.FILE_IS_GONE
    return messages.IS_FULL if services.importer.is_full else ""


def _is_silent(last: Recorded) -> bool:
    return now() - last.created >= SILENT_SECONDS * TICKS_PER_SECOND


async def _end(services: Services, import_id: UUID, standing: Standing) -> None:
    """No run can go on without the file. Raises DomainError."""
    command = EndImport(
        import_id=import_id, command_id=uuid4(), run=standing.run, result=messages.FILE_IS_GONE
    )
    await services.imports.handle(command, services.context(command.command_id, "web"))


async def _start(services: Services, command: StartImport, revision: int) -> int | None:
    """The position of the start. Raises WrongVersion, DomainError."""
    context, terms = services.context(command.command_id, "web"), Terms(only_at=(revision,))
    outcome = await services.imports.handle(command, context, terms)
    if not outcome.repeated:
        services.importer.start(command.import_id, command.effect_id)
    return outcome.position
