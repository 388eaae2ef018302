"""Imports in the JSON API, to read."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from domain.imports import UnknownImport
from domain.imports.messages import unknown_import
from projections.readmodels import imports
from web.http.bodies import problems
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError, id_in_address
from web.http.parameters import Limit, MinPosition
from web.http.rendering import PAGE_ROWS
from web.imports import answers
from web.imports.answers import ImportAnswer, ImportsAnswer
from web.imports.recorded import recorded
from web.services import Services


@get("/imports/{import_id:str}", responses=problems(400, 404, 409, 422, 503))
async def read_import(services: Services, import_id: str, min_position: MinPosition = None) -> ImportAnswer:
    """The import of a bank's file with its newest report, as the read models have it; `settling` if they have not
    reached `min_position`, or do not have it yet: then as the log has it.
    """
    wanted = id_in_address("import_id", import_id)
    settled = await services.positions.reached(min_position, "min_position", imports.MODEL)
    row = await imports.one(services.redis, wanted)
    if row is not None:
        return answers.whole(row, settling=not settled)
    found = await recorded(services.store, wanted)
    if found is None:
        raise UnknownImport(unknown_import(str(wanted)))
    return answers.whole(found, settling=True)


@get("/imports", responses=problems(400, 422, 503))
async def list_imports(
    services: Services,
    after: Annotated[
        str | None, Parameter(max_length=100, description="The `after` of the previous page")
    ] = None,
    limit: Limit = PAGE_ROWS,
) -> ImportsAnswer:
    """The bank's files that were checked or booked, those that started last first."""
    try:
        page = await imports.newest(services.redis, after=after, limit=limit)
    except ValueError as error:
        raise BadInput((FieldError("after", FieldCode.NOT_FROM_A_PAGE, str(error)),)) from error
    return ImportsAnswer(imports=[answers.listed(row) for row in page.imports], after=page.after)
