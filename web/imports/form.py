"""The form that sends a bank's file: what was chosen, and what is wrong with it."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid4, uuid5

import msgspec
from litestar.datastructures import Headers

from domain.errors import CommandRefused
from domain.imports import StartImport
from web import messages_on_imports as messages
from web.accounts import forms
from web.http.codes import FieldCode
from web.http.inputs import BadInput, BadText, FieldError, Fields, currency_code
from web.http.keys import form_key
from web.http.problems import problem_of
from web.importer import LARGEST, FileTooLarge, NoRoom
from web.imports.upload import Upload

OWN_CURRENCIES: Final[Mapping[str, str]] = {"csv": "", "berka": "CZK"}
"""Of each format; "" if the file can be in any currency."""
MEGABYTES: Final = LARGEST // 1024**2


class Full(Exception):
    """No other import can start now."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """`errors` by field; `refusal` is about none of them. A form that is sent twice starts one import."""

    key: UUID
    currency: str
    format: str = "csv"
    shorten_notes: bool = False
    errors: Mapping[str, str] = {}
    refusal: str = ""


def fresh(currency: str) -> Form:
    return Form(key=uuid4(), currency=currency)


def command_of(upload: Upload, headers: Headers) -> StartImport:
    """A check of the file that was sent. Raises BadInput."""
    given = upload.fields
    key, fields = forms.key_of(headers, given), Fields(given)
    fields.require("currency")
    currency = fields.read("currency", currency_code, "")
    format_ = fields.read("format", _known_format, "csv")
    fields.check()
    if not upload.digest:
        said = messages.EMPTY_FILE if upload.name else messages.NO_FILE
        raise BadInput((FieldError("file", FieldCode.MISSING, said),))
    currency, shorten = OWN_CURRENCIES[format_] or currency, "shorten_notes" in given
    return StartImport(
        import_id=uuid5(key, f"{upload.digest} {format_} {currency} {shorten}"),
        command_id=key,
        file=upload.name,
        digest=upload.digest,
        format=format_,
        currency=currency,
        only_check=True,
        shorten_notes=shorten,
    )


def _known_format(text: str) -> str:
    """Raises BadText."""
    if text not in OWN_CURRENCIES:
        raise BadText(FieldCode.NOT_AN_OPTION, messages.not_a_format(", ".join(OWN_CURRENCIES)))
    return text


def refused(error: Exception, given: Mapping[str, str], currency: str) -> tuple[Form, int] | None:
    """The form as it was filled in, and the status of the answer; None if the error is not an expected one."""
    found = _wrong(error)
    if found is None:
        return None
    status, errors, refusal = found
    form = Form(
        key=uuid4() if isinstance(error, CommandRefused) else _key(given),
        currency=given.get("currency") or currency,
        format=given.get("format") or "csv",
        shorten_notes="shorten_notes" in given,
        errors=errors,
        refusal=refusal,
    )
    return form, status


def _key(given: Mapping[str, str]) -> UUID:
    return Fields(given).read("key", form_key, uuid4())


def _wrong(error: Exception) -> tuple[int, Mapping[str, str], str] | None:
    """The status, what is wrong by field, and what is wrong apart from that."""
    match error:
        case FileTooLarge():
            return 413, {"file": messages.too_large(MEGABYTES)}, ""
        case NoRoom():
            return 503, {"file": messages.NO_ROOM}, ""
        case Full():
            return 503, {}, messages.IS_FULL
        case OSError():
            return 503, {"file": messages.not_kept(error.strerror or str(error))}, ""
    problem = problem_of(error)
    if problem is None:
        return None
    errors = {wrong.field: wrong.detail for wrong in problem.errors}
    return problem.status, errors, "" if errors else problem.detail
