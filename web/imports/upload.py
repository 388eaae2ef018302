"""A form with a file, as it arrives: fields are kept, and the file is handed on piece by piece."""

import unicodedata
from collections.abc import AsyncIterator, Callable
from typing import Final

from litestar.exceptions import ClientException
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from domain.quoting import shortened
from web import messages_on_imports as messages
from web.http.answers import AnyRequest
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError
from web.importer import LARGEST, FileTooLarge, Importer
from web.messages_on_input import SENT_TWICE

LARGEST_FORM: Final = LARGEST + 64 * 1024
"""Bytes of a form with the largest file."""
LONGEST_DROP: Final = 256 * 1024 * 1024
"""Bytes of a form that is refused but read, because a browser shows the answer only when it has sent everything."""
_LONGEST_FIELD: Final = 4096
_MOST_FIELDS: Final = 20
_LONGEST_NAME: Final = 255
_Event = MultipartSegment | bytes | None


class Upload:
    """`name` and `digest` are those of the file: "" without one, and the digest also if the file is empty."""

    def __init__(self, request: AnyRequest) -> None:
        self.fields: dict[str, str] = {}
        self.name = self.digest = ""
        self._request, self._stream = request, request.stream()

    async def read(self, importer: Importer, may: Callable[[dict[str, str]], None]) -> None:
        """`may` raises unless the fields before the file allow it to be kept.

        Raises FileTooLarge, NoRoom, OSError, HTTPException, BadInput.
        """
        if (self._request.content_length or 0) > LARGEST_FORM:
            raise FileTooLarge
        events = self._events()
        async for event in events:
            assert isinstance(event, MultipartSegment)
            if event.filename is None:
                if event.name in self.fields:
                    error = FieldError(shortened(event.name), FieldCode.REPEATED, SENT_TWICE)
                    raise BadInput((error,))
                self.fields[event.name or ""] = await _text(events)
            elif event.filename and not self.name:
                may(self.fields)
                self.name = cleaned(event.filename)
                self.digest = await _kept(importer, events)
            else:
                await _dropped(events)
        may(self.fields)

    async def drop(self) -> None:
        """Read what is left. Raises HTTPException if it is more than LONGEST_DROP."""
        async for _ in self._stream:
            pass

    async def _events(self) -> AsyncIterator[_Event]:
        """Each part begins with a segment and ends with None."""
        boundary = self._request.content_type[1].get("boundary", "")
        try:
            with PushMultipartParser(boundary, max_segment_count=_MOST_FIELDS) as parser:
                async for chunk in self._stream:
                    for event in parser.parse(chunk):
                        yield event
        except MultipartError as error:
            raise ClientException(messages.NOT_A_FORM) from error


async def _text(events: AsyncIterator[_Event]) -> str:
    text = bytearray()
    async for piece in _pieces(events):
        text += piece
        if len(text) > _LONGEST_FIELD:
            raise ClientException(messages.NOT_A_FORM)
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ClientException(messages.NOT_A_FORM) from error


async def _kept(importer: Importer, events: AsyncIterator[_Event]) -> str:
    """The digest of the file; "" if it is empty."""
    first = await anext(events)
    return "" if first is None else await importer.keep(_pieces(events, first))


async def _dropped(events: AsyncIterator[_Event]) -> None:
    async for _ in _pieces(events):
        pass


async def _pieces(events: AsyncIterator[_Event], first: _Event = b"") -> AsyncIterator[bytes]:
    """The pieces of a part, up to its end."""
    piece = first
    while isinstance(piece, bytes):
        yield piece
        piece = await anext(events)


def cleaned(name: str) -> str:
    """The name of a file without its folders, and without characters that cannot be seen."""
    own = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(mark if mark.isprintable() else " " for mark in unicodedata.normalize("NFC", own))
    return " ".join(seen.split())[:_LONGEST_NAME] or "file"
