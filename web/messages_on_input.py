"""Every sentence about what a client sends: the list to review when wording changes. See web.messages."""

from typing import Final

from domain.quoting import quoted

# Fields of forms and JSON bodies, and parameters: each error also has a code.

FIELD_MISSING: Final = "This field is required."
FIELD_UNKNOWN: Final = "This field does not exist."
SENT_TWICE: Final = "This was sent twice; send it once."
NOT_UTF_8: Final = "This is not text in UTF-8."
PARAMETER_UNKNOWN: Final = "This route does not have this parameter."
NEITHER_DEPOSIT_NOR_WITHDRAWAL: Final = "Choose deposit or withdrawal."


def more_faults(others: int) -> str:
    """After the first ones."""
    return f"And {others} more."


def not_a_string(kind: str) -> str:
    """`kind` is one of those below."""
    return f"This has to be a string in quotes, not {kind}."


BOOLEAN: Final = "true or false"
NUMBER: Final = "a number"
LIST: Final = "a list"
OBJECT: Final = "an object"


def comma_or_thousands(typed: str, decimal: str, whole: str) -> str:
    return f"{quoted(typed)} may be {decimal} or {whole}; write one of these."


def not_a_date(text: str) -> str:
    return f"{quoted(text)} is not a date; write it as 2026-11-24."


def not_a_time(text: str) -> str:
    return f"{quoted(text)} is not a time; write it with its zone, for example 2026-11-24T12:30:00Z."


def not_a_position(text: str) -> str:
    return f"{quoted(text)} is not a position; use one that an answer from here had."


NOT_A_CORRELATION_ID: Final = "Send one with 1 to 128 visible ASCII characters and no spaces, or none."


def not_an_idempotency_key(longest: int) -> str:
    return f"Send 1 to {longest} characters, for example a UUID, and the same ones again to repeat a command."


NOT_A_LIST_OF_REVISIONS: Final = 'Send revisions in quotes, for example "7" or "7", "8", or an asterisk.'
NEITHER_ONE_NOR_ZERO: Final = "Write 1 or 0."
NOT_A_REVISION: Final = "This is not the number of a revision. Reload the page and press the button again."


def not_an_id(text: str) -> str:
    return f"{quoted(text)} is not a UUID, as ids of entries, holds and transfers are."


def not_a_form_key(longest: int) -> str:
    return f"The key of a form has 1 to {longest} characters. Reload the page and repeat the entry."


KEY_IN_TWO_PLACES: Final = "The form has another key in its field; send one of them."


def not_a_stream_of_accounts(category: str) -> str:
    return f"Only streams of accounts are shown: {category}-..."


# Bodies of requests.

BODY_NOT_AN_OBJECT: Final = "The body has to be a JSON object, for example {}."


def body_not_json(reason: str) -> str:
    return f"The body is not JSON: {reason}."


FORM_WITHOUT_FILES: Final = "This form has no files: send it as application/x-www-form-urlencoded."


def other_format(content_type: str) -> str:
    return f"Send JSON, with Content-Type: application/json, not {quoted(content_type)}."
