"""Refusals and failures -> HTTP, in one table. `application/problem+json` (RFC 9457) for programs, a page for people.

A `type` is stable: it is the address of a page that explains it (`/problems/{name}`).
"""

from typing import Final

import msgspec

from commands.deciding import WrongVersion
from commands.handler import TooContended
from domain import accounts, errors, imports, transfers, users
from eventstore.personal.keys import KeysUnavailable
from eventstore.store import OutcomeUnknown, StoreRefused, StoreUnavailable, StreamStopped
from projections.engine.reading import ReadModelUnavailable
from web import messages
from web import messages_on_accounts as on_accounts
from web import messages_on_imports as on_imports
from web import messages_on_people as on_people
from web import messages_on_traces as on_traces
from web import messages_on_transfers as on_transfers
from web.http.codes import CODES
from web.http.inputs import BadCondition, BadCorrelation, BadInput, BadKey, FieldError
from web.messages import Explanation

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


class ProblemType(msgspec.Struct, frozen=True):
    name: str
    status: int
    explanation: Explanation


class UnknownTrace(Exception):
    """No event has this correlation id, or the event at this position has none, or no event is at it."""


class NamesUnavailable(Exception):
    """The names of people are not all read yet, or not up to the position that was asked for."""


class Settling(Exception):
    """The read models have not reached the requested position."""


_INPUT: Final = ProblemType("invalid-input", 422, messages.INVALID_INPUT)

PROBLEMS: Final[dict[type[Exception], ProblemType]] = {
    BadKey: ProblemType("invalid-idempotency-key", 400, messages.INVALID_KEY),
    BadCondition: ProblemType("invalid-if-match", 400, messages.INVALID_CONDITION),
    BadCorrelation: ProblemType("invalid-correlation-id", 400, messages.INVALID_CORRELATION_ID),
    BadInput: _INPUT,
    errors.InvalidInput: _INPUT,
    accounts.UnknownAccount: ProblemType("unknown-account", 404, on_accounts.UNKNOWN_ACCOUNT),
    accounts.UnknownEntry: ProblemType("unknown-entry", 404, on_accounts.UNKNOWN_ENTRY),
    accounts.UnknownHold: ProblemType("unknown-hold", 404, on_accounts.UNKNOWN_HOLD),
    accounts.AccountAlreadyExists: ProblemType("account-exists", 409, on_accounts.ACCOUNT_EXISTS),
    accounts.AccountIsFrozen: ProblemType("account-frozen", 409, on_accounts.ACCOUNT_FROZEN),
    accounts.AccountNotFrozen: ProblemType("account-not-frozen", 409, on_accounts.ACCOUNT_NOT_FROZEN),
    accounts.AccountIsClosed: ProblemType("account-closed", 409, on_accounts.ACCOUNT_CLOSED),
    accounts.AccountNotEmpty: ProblemType("account-not-empty", 409, on_accounts.ACCOUNT_NOT_EMPTY),
    accounts.CurrencyMismatch: ProblemType("currency-mismatch", 409, on_accounts.CURRENCY_MISMATCH),
    accounts.InsufficientFunds: ProblemType("insufficient-funds", 409, on_accounts.INSUFFICIENT_FUNDS),
    accounts.BalanceOutOfRange: ProblemType("balance-out-of-range", 409, on_accounts.BALANCE_OUT_OF_RANGE),
    accounts.EntryAlreadyReversed: ProblemType("entry-reversed", 409, on_accounts.ENTRY_REVERSED),
    accounts.HoldIsOver: ProblemType("hold-over", 409, on_accounts.HOLD_OVER),
    accounts.HoldNotOver: ProblemType("hold-not-over", 409, on_accounts.HOLD_NOT_OVER),
    accounts.HoldTooSmall: ProblemType("hold-too-small", 409, on_accounts.HOLD_TOO_SMALL),
    accounts.TooManyHolds: ProblemType("too-many-holds", 409, on_accounts.TOO_MANY_HOLDS),
    users.UnknownUser: ProblemType("unknown-user", 404, on_people.UNKNOWN_USER),
    users.UserAlreadyExists: ProblemType("user-exists", 409, on_people.USER_EXISTS),
    users.UserIdRetired: ProblemType("user-id-retired", 409, on_people.USER_ID_RETIRED),
    users.HasOpenAccounts: ProblemType("open-accounts", 409, on_people.OPEN_ACCOUNTS),
    accounts.EntryOfTransfer: ProblemType("entry-of-transfer", 409, on_transfers.ENTRY_OF_TRANSFER),
    transfers.UnknownTransfer: ProblemType("unknown-transfer", 404, on_transfers.UNKNOWN_TRANSFER),
    transfers.TransferNotCompleted: ProblemType(
        "transfer-not-completed", 409, on_transfers.TRANSFER_NOT_COMPLETED
    ),
    transfers.TransferAlreadyReversed: ProblemType("transfer-reversed", 409, on_transfers.TRANSFER_REVERSED),
    imports.UnknownImport: ProblemType("unknown-import", 404, on_imports.UNKNOWN_IMPORT),
    imports.ImportUnderWay: ProblemType("import-under-way", 409, on_imports.IMPORT_UNDER_WAY),
    imports.ImportOfAnotherFile: ProblemType(
        "import-of-another-file", 409, on_imports.IMPORT_OF_ANOTHER_FILE
    ),
    imports.ImportTakenOver: ProblemType("import-taken-over", 409, on_imports.IMPORT_TAKEN_OVER),
    UnknownTrace: ProblemType("unknown-trace", 404, on_traces.UNKNOWN_TRACE),
    errors.CommandReused: ProblemType("idempotency-key-reused", 422, messages.KEY_REUSED),
    errors.CommandTooOld: ProblemType("idempotency-key-too-old", 409, messages.KEY_TOO_OLD),
    errors.DomainError: ProblemType("refused", 409, messages.REFUSED),
    WrongVersion: ProblemType("revision-mismatch", 412, messages.REVISION_MISMATCH),
    StreamStopped: ProblemType("account-stopped", 409, messages.ACCOUNT_STOPPED),
    OutcomeUnknown: ProblemType("outcome-unknown", 503, messages.OUTCOME_UNKNOWN),
    TooContended: ProblemType("contended", 503, messages.CONTENDED),
    StoreUnavailable: ProblemType("log-unavailable", 503, messages.LOG_UNAVAILABLE),
    StoreRefused: ProblemType("log-refuses", 502, messages.LOG_REFUSES),
    ReadModelUnavailable: ProblemType("read-models-unavailable", 503, messages.READ_MODELS_UNAVAILABLE),
    KeysUnavailable: ProblemType("keys-unavailable", 503, on_people.KEYS_UNAVAILABLE),
    NamesUnavailable: ProblemType("names-unavailable", 503, on_people.NAMES_UNAVAILABLE),
    Settling: ProblemType("settling", 503, messages.SETTLING),
}


def problem_of(error: Exception) -> Problem | None:
    """None if the error is not an expected one."""
    found = next((PROBLEMS[cls] for cls in type(error).__mro__ if cls in PROBLEMS), None)
    if found is None:
        return None
    return Problem(
        type=f"/problems/{found.name}",
        title=found.explanation.title,
        status=found.status,
        detail=_detail(error, found),
        errors=fields_of(error),
    )


def fields_of(error: Exception) -> tuple[FieldError, ...]:
    match error:
        case BadInput():
            return error.errors
        case errors.InvalidInput():
            return (FieldError(error.field, CODES[type(error)], str(error)),)
        case _:
            return ()


def type_named(name: str) -> ProblemType | None:
    return next((found for found in PROBLEMS.values() if found.name == name), None)


def http_problem(status: int, title: str, detail: str, wrong: tuple[FieldError, ...] = ()) -> Problem:
    """A problem of HTTP itself, for example a page that does not exist."""
    return Problem(type=f"/problems/http-{status}", title=title, status=status, detail=detail, errors=wrong)


def _detail(error: Exception, found: ProblemType) -> str:
    if isinstance(error, StreamStopped):
        return messages.account_stopped(error.reason)
    if isinstance(error, StoreRefused):
        return found.explanation.advice
    if found.status == 503:
        return f"{error} {found.explanation.advice}"
    return str(error)
