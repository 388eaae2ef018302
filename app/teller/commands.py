"""From the words of a command line to a command. The fields are read as those of a form or of the API are."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from app.messages import accounts as messages
from domain.accounts import (
    AccountCommand,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    FreezeAccount,
    PlaceHold,
    ReleaseHold,
    ReverseEntry,
    SetOverdraftLimit,
    UnfreezeAccount,
    Withdraw,
)
from domain.errors import InvalidExpiry
from domain.identifiers import parse_account_id, parse_user_id
from domain.money import parse_decimal
from web.http.codes import FieldCode
from web.http.inputs import (
    BadText,
    Fields,
    currency_code,
    one_line,
    positive_amount,
    reference_line,
)

KINDS: Final[Mapping[str, type[AccountCommand]]] = {
    "create": CreateAccount,
    "deposit": Deposit,
    "withdraw": Withdraw,
    "reverse": ReverseEntry,
    "overdraft": SetOverdraftLimit,
    "freeze": FreezeAccount,
    "unfreeze": UnfreezeAccount,
    "close": CloseAccount,
    "hold": PlaceHold,
    "capture": CaptureHold,
    "release": ReleaseHold,
}
"""By the name of the action."""


def command_of(
    action: str,
    given: Mapping[str, str | None],
    command_id: UUID,
    *,
    now: datetime,
    day: date,
    opens_in: str,
) -> AccountCommand:
    """`given`: the fields of the action; None or empty: it was left out. Raises BadInput with every wrong field.

    `opens_in` is the currency of an account that is opened without one.
    """
    kind, fields = KINDS[action], Fields(given)
    read = {
        _NAMES.get(name, name): fields.value_date(day)
        if name == "value_date"
        else fields.read(name, _PARSERS[name], None)
        for name, text in given.items()
        if text
    }
    fields.check()
    others: dict[str, object] = {"booked_on": day, "at": now, "opens_in": opens_in}
    if kind is CreateAccount:
        others["currency"] = opens_in
    own = {name: value for name, value in others.items() if name in kind.__struct_fields__}
    fitting: dict[str, Any] = {"command_id": command_id, **own, **read}
    return kind(**fitting)


def _an_id(text: str) -> UUID:
    """Raises BadText."""
    try:
        return UUID(text)
    except ValueError:
        raise BadText(FieldCode.NOT_A_UUID, messages.not_an_id(text)) from None


def _time(text: str) -> datetime:
    """In UTC. Raises InvalidExpiry."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidExpiry(messages.not_a_time(text))
    return at.astimezone(UTC)


_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    "account_id": parse_account_id,
    "amount": positive_amount,
    "part": positive_amount,
    "limit": parse_decimal,
    "entry_id": _an_id,
    "hold_id": _an_id,
    "currency": currency_code,
    "holder": parse_user_id,
    "note": one_line,
    "reference": reference_line,
    "expires": _time,
}
_NAMES: Final = {"part": "amount"}
"""Fields that the command calls something else."""
