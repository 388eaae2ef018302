"""The forms about people: what was typed, what is wrong with it."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid4

import msgspec

from domain.errors import CommandRefused
from domain.identifiers import LONGEST_ID
from domain.users.personal import EMAIL_LENGTH, NAME_LENGTH, PHONE_LENGTH
from projections.readmodels.people import FIELDS
from web.http.problems import Problem
from web.users.view import Shown

_TYPED: Final = {"name": NAME_LENGTH, "email": EMAIL_LENGTH, "phone": PHONE_LENGTH, "user_id": LONGEST_ID}
"""How many characters of each field are kept in a form that is refused."""


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the command's id: a form that is sent twice has one effect."""

    key: UUID
    values: dict[str, str]
    errors: dict[str, str] = {}
    refusal: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors or self.refusal)


def fresh(known: Shown | None = None) -> PersonForm:
    """With what is known of the person."""
    values = {field: getattr(known, field, None) or "" for field in FIELDS}
    return PersonForm(key=uuid4(), values={**values, "user_id": ""})


def refused(typed: Mapping[str, str], key: UUID, error: Exception, problem: Problem) -> PersonForm:
    """The form as it was typed, with what is wrong. It keeps its key, unless the key was refused."""
    values = {name: typed.get(name, "")[:longest] for name, longest in _TYPED.items()}
    errors = {wrong.field: wrong.detail for wrong in problem.errors if wrong.field in values}
    return PersonForm(
        key=uuid4() if isinstance(error, CommandRefused) else key,
        values=values,
        errors=errors,
        refusal="" if errors and len(errors) == len(problem.errors) else problem.detail,
    )
