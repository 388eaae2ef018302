"""Refusals and failures -> HTTP, in one table. `application/problem+json` (RFC 9457) for programs, a page for people.

A `type` is stable: it is the address of a page that explains it (`/problems/{name}`).
"""

from typing import Final

import msgspec

from commands.handler import TooContended
from domain import accounts, errors
from eventstore.store import OutcomeUnknown, StoreRefused, StoreUnavailable, StreamStopped
from projections.engine.reading import ReadModelUnavailable
from web.http.inputs import BadInput, BadKey, FieldError

RETRY_AFTER: Final = "2"
"""Seconds to wait after a 503."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()

    @property
    def name(self) -> str:
        return self.type.rsplit("/", 1)[-1]


class Kind(msgspec.Struct, frozen=True):
    name: str
    status: int
    title: str
    advice: str


class Settling(Exception):
    """The read models have not reached the requested position."""


_REPEAT: Final = (
    "Send it again: nothing is booked twice. (A program repeats the request with the same Idempotency-Key.)"
)

_INPUT: Final = Kind(
    "invalid-input", 422, "Some input cannot be read", "Each wrong field is listed with the reason."
)

KINDS: Final[dict[type[Exception], Kind]] = {
    BadKey: Kind(
        "invalid-idempotency-key",
        400,
        "The Idempotency-Key is not a UUID",
        "Make a new one for each command.",
    ),
    BadInput: _INPUT,
    errors.InvalidInput: _INPUT,
    accounts.UnknownAccount: Kind(
        "unknown-account", 404, "No such account", "A deposit opens a new account."
    ),
    accounts.AccountAlreadyExists: Kind(
        "account-exists", 409, "The account exists already", "Choose another id."
    ),
    accounts.CurrencyMismatch: Kind(
        "currency-mismatch", 409, "Another currency", "An account has one currency. Use that one."
    ),
    accounts.InsufficientFunds: Kind(
        "insufficient-funds", 409, "Not enough money in the account", "Withdraw less, or deposit first."
    ),
    accounts.BalanceOutOfRange: Kind(
        "balance-out-of-range", 409, "The balance would be too large", "Book on another account."
    ),
    errors.CommandReused: Kind(
        "idempotency-key-reused",
        422,
        "This was already sent as something else",
        "See the account's history. A new entry needs a new key; a page that is reloaded has one.",
    ),
    errors.CommandTooOld: Kind(
        "idempotency-key-too-old",
        409,
        "This was already sent too long ago",
        "It was booked then; see the account's history.",
    ),
    errors.DomainError: Kind("refused", 409, "A rule refuses this", "The detail says which rule."),
    StreamStopped: Kind(
        "account-stopped",
        409,
        "This account is stopped",
        "Its events cannot all be used. Ask the people who run this Daybook to repair it.",
    ),
    OutcomeUnknown: Kind("outcome-unknown", 503, "It is not known whether this was booked", _REPEAT),
    TooContended: Kind("contended", 503, "Too many entries at once on this account", _REPEAT),
    StoreUnavailable: Kind("log-unavailable", 503, "The log of entries does not answer", _REPEAT),
    StoreRefused: Kind(
        "log-refuses",
        502,
        "The log of entries refuses this",
        "Nothing was booked. Ask the people who run this Daybook.",
    ),
    ReadModelUnavailable: Kind(
        "read-models-unavailable",
        503,
        "Balances and lists are not available",
        "Entries can still be booked. Try again in a moment.",
    ),
    Settling: Kind("settling", 503, "The newest entries are not shown yet", "Try again in a moment."),
}


def problem_of(error: Exception) -> Problem | None:
    """None if the error is not an expected one."""
    kind = next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), None)
    if kind is None:
        return None
    return Problem(
        type=f"/problems/{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=_detail(error, kind),
        errors=fields_of(error),
    )


def fields_of(error: Exception) -> tuple[FieldError, ...]:
    match error:
        case BadInput():
            return error.errors
        case errors.InvalidInput():
            return (FieldError(error.field, str(error)),)
        case _:
            return ()


def advice_on(name: str) -> Kind | None:
    return next((kind for kind in KINDS.values() if kind.name == name), None)


def http_problem(status: int, title: str, detail: str) -> Problem:
    """A problem of HTTP itself, for example a page that does not exist."""
    return Problem(type=f"/problems/http-{status}", title=title, status=status, detail=detail)


def _detail(error: Exception, kind: Kind) -> str:
    if isinstance(error, BadInput):
        return " ".join(f"{wrong.field}: {wrong.detail}" for wrong in error.errors)
    if isinstance(error, StreamStopped):
        return f"Nothing can be booked on this account until it is repaired. {error.reason}"
    if isinstance(error, StoreRefused):
        return kind.advice
    if kind.status == 503:
        return f"{error} {kind.advice}"
    return str(error)
