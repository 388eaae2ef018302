"""From the fields of a form or a JSON body to personal data in plain text, and to the id of a person."""

import base64
from typing import Any, Final
from uuid import UUID, uuid5

from commands.users import PARSERS, Personal
from domain.identifiers import UserId, parse_user_id
from web.http.bodies import Body, Field
from web.http.inputs import Fields

_EMAIL: Final = Field("at most 254 characters", example="eva@example.org")
_PHONE: Final = Field("digits, spaces and + - ( ) ., at most 40 characters", example="+420 123 456 789")
PERSON: Final[Body] = {
    "name": Field("one line of 1 to 200 characters", required=True, example="Eva Nováková"),
    "email": _EMAIL,
    "phone": _PHONE,
    "user_id": Field("1 to 64 letters, digits, '.', '_' or '-'; chosen by the server if it is missing"),
}
CHANGES: Final[Body] = {
    "name": Field("one line of 1 to 200 characters", example="Eva Nováková"),
    "email": Field(f"{_EMAIL.description}; null or an empty text clears it", example=_EMAIL.example),
    "phone": Field(f"{_PHONE.description}; null or an empty text clears it", example=_PHONE.example),
}


def person(fields: Fields, key: UUID) -> tuple[UserId, Personal]:
    """Raises BadInput with every field that is wrong."""
    user_id = fields.read("user_id", lambda text: parse_user_id(text.strip()), new_user_id(key))
    given = {field: fields.read(field, parse, None) for field, parse in PARSERS.items()}
    fields.check()
    return user_id, Personal(**{field: text for field, text in given.items() if text is not None})


def changes(fields: Fields) -> Personal:
    """Only of what is sent. Raises BadInput with every field that is wrong."""
    sent: dict[str, Any] = {
        field: fields.read(field, parse, None) for field, parse in PARSERS.items() if fields.sends(field)
    }
    if "name" in sent:
        fields.require("name")
    fields.check()
    return Personal(**sent)


def new_user_id(command: UUID) -> UserId:
    """60 bits of the command's id, so that a retry creates the same person."""
    digest = uuid5(command, "user").bytes
    return UserId(base64.b32encode(digest).decode().lower()[:12])
