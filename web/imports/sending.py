"""A bank's file is sent, kept and checked. Post, redirect, get; nothing is booked before somebody says so."""

from contextlib import suppress
from typing import Any

from litestar import post
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Redirect, Template
from litestar.response.base import Response

from web.http import requests, tokens
from web.http.answers import AnyRequest
from web.http.problems import RETRY_AFTER
from web.imports import form as forms
from web.imports.pages import imports_page
from web.imports.upload import LONGEST_DROP, Upload
from web.live.regions import Regions
from web.services import Services


@post("/import", include_in_schema=False, request_max_body_size=LONGEST_DROP, opt=tokens.UNCHECKED)
async def send_file(request: AnyRequest, services: Services, regions: Regions) -> Response[Any]:
    """A browser shows an answer only after it has sent everything, so a form that is refused is read to its end."""
    upload = Upload(request)
    try:
        await _read(request, services, upload)
        return await _checking(request, services, upload)
    except Exception as error:
        with suppress(RequestEntityTooLarge):
            await upload.drop()
        return await _refused(request, services, regions, upload, error)


async def _read(request: AnyRequest, services: Services, upload: Upload) -> None:
    def may(fields: dict[str, str]) -> None:
        tokens.check(request, fields.get(tokens.FIELD, ""))
        if services.importer.is_full:
            raise forms.Full

    await upload.read(services.importer, may)


async def _checking(request: AnyRequest, services: Services, upload: Upload) -> Redirect:
    command = forms.command_of(upload, request.headers)
    outcome = await services.imports.handle(command, services.context(command.command_id, "web"))
    if not outcome.repeated:
        services.importer.start(command.import_id, command.effect_id)
    return Redirect(f"/imports/{command.import_id}?started={outcome.position}", status_code=303)


async def _refused(
    request: AnyRequest, services: Services, regions: Regions, upload: Upload, error: Exception
) -> Template:
    found = forms.refused(error, upload.fields, services.currency)
    if found is None:
        raise error
    form, status = found
    requests.refused(" ".join([form.refusal, *form.errors.values()]).strip())
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    context = {"form": form, "token": tokens.of(request)}
    return await imports_page(services, regions, context, None, status=status, headers=headers)
