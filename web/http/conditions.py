"""Under which conditions a command is booked: If-Match (RFC 9110, section 13.1.1), and `dry_run`.

The ETag of an aggregate is its revision in quotes.
"""

import re
from collections.abc import Collection
from typing import Final

from litestar.datastructures import Headers

from commands.deciding import ANY, NO_TERMS, Terms
from web import messages_on_input as on_input
from web.http.codes import FieldCode
from web.http.inputs import BadCondition, FieldError, Fields, yes_or_no

HEADER: Final = "If-Match"
_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST: Final = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")
_REVISION: Final = re.compile(r'(?<!W/)"(0|[1-9][0-9]{0,18})"', re.ASCII)


def terms_of(headers: Headers, dry_run: str | None) -> Terms:
    """If-Match may be sent in several lines. Raises BadCondition, BadInput."""
    lines = headers.getall(HEADER, [])
    if not lines and dry_run is None:
        return NO_TERMS
    fields = Fields({"dry_run": dry_run})
    if dry_run is not None:
        fields.require("dry_run")
    is_dry = fields.read("dry_run", yes_or_no, False)
    fields.check()
    return Terms(only_at=revisions(", ".join(lines) if lines else None), dry_run=is_dry)


def revisions(header: str | None) -> Collection[int] | None:
    """Those that If-Match names; None: it was not sent. Raises BadCondition.

    A weak tag, and one that is not a revision, match nothing.
    """
    if header is None:
        return None
    if header.strip() == "*":
        return ANY
    if not _LIST.fullmatch(header):
        error = FieldError(HEADER, FieldCode.NOT_A_LIST_OF_REVISIONS, on_input.NOT_A_LIST_OF_REVISIONS)
        raise BadCondition((error,))
    return {int(revision) for revision in _REVISION.findall(header)}


def etag(revision: int) -> str:
    return f'"{revision}"'
