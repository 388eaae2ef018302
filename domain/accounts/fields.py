"""Types of fields of account events, with what they mean: for the catalogue, at no cost when an event is read.

`unit` and `format` are of the JSON Schema.
"""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from domain.identifiers import AccountId, UserId

_MINOR_UNITS: Final = {"unit": "minor units of the currency"}

Id = Annotated[AccountId, msgspec.Meta(description="the id of the account")]
Amount = Annotated[
    int, msgspec.Meta(description="how much money, above zero and below 2^53", extra_json_schema=_MINOR_UNITS)
]
AmountCurrency = Annotated[
    str,
    msgspec.Meta(description="ISO 4217 code of the amount's currency, which the account may not be kept in"),
]
Balance = Annotated[
    int, msgspec.Meta(description="the balance after the event", extra_json_schema=_MINOR_UNITS)
]
Currency = Annotated[str, msgspec.Meta(description="ISO 4217 code of the account's currency")]
EffectId = Annotated[
    UUID, msgspec.Meta(description="the id of the command's effect, made from the ids of command and account")
]
EntryId = Annotated[
    UUID, msgspec.Meta(description="the id of this entry, which is the id of its command's effect")
]
Held = Annotated[
    int, msgspec.Meta(description="the sum of all holds after the event", extra_json_schema=_MINOR_UNITS)
]
HoldId = Annotated[
    UUID, msgspec.Meta(description="the id of the hold, which is the id of its command's effect")
]
Limit = Annotated[
    int, msgspec.Meta(description="how far below zero the balance may go", extra_json_schema=_MINOR_UNITS)
]
Direction = Annotated[
    Literal["in", "out"], msgspec.Meta(description="whether the money comes in or goes out")
]
EntryUndone = Annotated[UUID, msgspec.Meta(description="the id of the entry that is undone")]
_Instant = Annotated[datetime, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Expires = Annotated[
    _Instant | None,
    msgspec.Meta(description="when the hold ends by itself; null: never", extra_json_schema={"unit": "UTC"}),
]
HoldAmount = Annotated[
    int, msgspec.Meta(description="what the hold had set aside", extra_json_schema=_MINOR_UNITS)
]
Holder = Annotated[
    UserId | None, msgspec.Meta(description="the id of the person who holds the account; null: nobody")
]
Note = Annotated[str, msgspec.Meta(description="one line of text that a person wrote")]
Other = Annotated[
    AccountId, msgspec.Meta(description="the id of the account at the other end of the transfer")
]
TransferId = Annotated[UUID, msgspec.Meta(description="the id of the transfer")]
Decline = Literal[
    "insufficient-funds",
    "account-frozen",
    "account-closed",
    "account-changed",
    "unknown-account",
    "currency-mismatch",
    "balance-out-of-range",
]
DeclineReason = Annotated[
    Decline,
    msgspec.Meta(
        description="why; account-changed: it was no longer at the revision at which alone it was to be debited"
    ),
]
Reference = Annotated[str, msgspec.Meta(description="another system's name for the entry")]
ValueDate = Annotated[date, msgspec.Meta(description="the day from which the entry counts")]
