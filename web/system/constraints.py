"""What a JSON Schema can say about the texts that the API takes, so that programs send only what can be read.

A name means the same in every route, so there is one rule for each name. An optional text may be empty, which is the
same as leaving it out.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from domain.identifiers import ID_PATTERN
from domain.marks import first_refused
from domain.money import CURRENCIES, IN_USE
from domain.notes import NOTE_LENGTH, REFERENCE_LENGTH
from domain.users.personal import NAME_LENGTH
from projections.readmodels.transfers import STATES
from web.http import conditions

Schema = dict[str, Any]

_ID: Final[Schema] = {"pattern": f"^{ID_PATTERN}$"}
_CURRENCY: Final[Schema] = {"enum": list(IN_USE)}
_DIGITS: Final = r"[0-9]{1,11}(\.[0-9]{1,4})?"
"""As many as an amount in any currency may have. How many decimals depends on the currency."""
_BARE_KEY: Final = r'(?!""$)[^\u0000- \u007f]([^\u0000-\u0008\u000a-\u001f\u007f]{0,253}[^\u0000- \u007f])?'
_QUOTED_KEY: Final = r'"([^\u0000-\u0008\u000a-\u001f\u007f"\\]|\\["\\]){1,255}"'


_HALVES: Final = range(0xD800, 0xE000)


def _refused_marks() -> str:
    """What a line never holds, as ranges of a regular expression. Halves of characters are not written in JSON.

    65,000 characters are looked at, which waits until somebody reads the document.
    """
    codes = {code for code in range(0x10000) if code not in _HALVES and first_refused(chr(code))}
    starts = sorted(code for code in codes if code - 1 not in codes)
    ends = sorted(code for code in codes if code + 1 not in codes)
    return "".join(f"\\u{start:04x}-\\u{end:04x}" for start, end in zip(starts, ends, strict=True))


def _line(longest: int) -> Schema:
    return {"pattern": f"^[^{_refused_marks()}]*$", "maxLength": longest}


PARAMETERS: Final[Mapping[str, Schema]] = {
    "account_id": _ID,
    "user_id": _ID,
    "entry_id": {"format": "uuid"},
    "hold_id": {"format": "uuid"},
    "transfer_id": {"format": "uuid"},
    "Idempotency-Key": {"pattern": f"^({_BARE_KEY}|{_QUOTED_KEY})$"},
    conditions.HEADER: {"pattern": r'^(\*|"[0-9]{1,18}"(, "[0-9]{1,18}"){0,9})$'},
    "X-Correlation-ID": {"pattern": "^[!-~]{1,128}$"},
    "state": {"enum": [*STATES, ""]},
    "account": {"pattern": f"^({ID_PATTERN})?$"},
    "balance_below": {"pattern": f"^(-?{_DIGITS})?$"},
    "currency": {"enum": [*CURRENCIES, ""]},
    "after": {"pattern": r"^-?[0-9]{1,15}(:[A-Za-z0-9._-]{1,64})?$"},
    "stream": {"pattern": f"^account-{ID_PATTERN}$"},
    "before": {"minimum": 0},
    "min_position": {"minimum": 0},
}


@cache
def _fields() -> Mapping[str, Schema]:
    """Of bodies."""
    return {
        "account_id": _ID,
        "user_id": _ID,
        "from": _ID,
        "to": _ID,
        "amount": {"pattern": rf"^(?=.*[1-9]){_DIGITS}$"},
        "limit": {"pattern": f"^{_DIGITS}$"},
        "currency": _CURRENCY,
        "value_date": {"format": "date"},
        "expires": {"format": "date-time"},
        "name": _line(NAME_LENGTH),
        "note": _line(NOTE_LENGTH),
        "reference": _line(REFERENCE_LENGTH),
    }


def constrained(document: Schema) -> Schema:
    """`document` with the rules; it is changed in place."""
    for operation in _operations(document):
        for parameter in operation.get("parameters", []):
            parameter["schema"] = _parameter(parameter["name"], parameter["schema"])
        for media in operation.get("requestBody", {}).get("content", {}).values():
            body = media["schema"] = {"additionalProperties": False, **media["schema"]}
            for name, schema in body.get("properties", {}).items():
                body["properties"][name] = _field(name, schema, name in body.get("required", ()))
    return document


def _operations(document: Schema) -> Iterator[Schema]:
    for methods in document["paths"].values():
        yield from methods.values()


def _parameter(name: str, schema: Schema) -> Schema:
    """A text in an address or a header cannot be null. A number can: the text "null" is read as none."""
    rule, kinds = PARAMETERS.get(name, {}), schema.get("oneOf", ())
    if not kinds:
        return {**schema, **rule}
    kind = next(kind for kind in kinds if kind["type"] != "null")
    others = {word: value for word, value in schema.items() if word != "oneOf"}
    if kind["type"] == "string":
        return {**kind, **others, **rule}
    return {"oneOf": [{**kind, **rule}, {"type": "null"}], **others}


def _field(name: str, schema: Schema, is_required: bool) -> Schema:
    rule = _fields().get(name, {})
    if is_required:
        return {**schema, **rule}
    return {"anyOf": [{"type": "string", **rule}, {"enum": ["", None]}], "description": schema["description"]}
