"""What can be asked of an account. Standard library only, because it is read before anything is installed."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple


class Action(NamedTuple):
    """`words` are given in this order; `options` are flags. Both are names in FIELDS."""

    name: str
    does: str
    words: Sequence[str] = ()
    options: Sequence[str] = ()


FIELDS: Final[Mapping[str, str]] = {
    "account_id": "the account's id",
    "amount": "for example 1250.50",
    "limit": "how far below zero the balance may go, for example 500",
    "entry_id": "the id of the entry, from the account's history",
    "hold_id": "the id of the hold, from the answer when it was placed",
    "currency": "ISO 4217 code (default: the account's, or CZK when this opens the account)",
    "holder": "the id of the person who holds the account",
    "value_date": "the day from which the entry counts, for example 2026-11-24 (default: today)",
    "note": "one line of text",
    "reference": "another system's name for the entry",
    "expires": "when the hold ends by itself, for example 2026-11-24T18:00:00+01:00",
    "part": "capture only this amount; the rest is released (default: all of it)",
}
"""Name -> help."""

_TEXTS: Final = ("currency", "value_date", "note", "reference")

ACTIONS: Final[tuple[Action, ...]] = (
    Action("create", "open an account", (), ("currency", "holder")),
    Action("deposit", "pay money in; this opens the account if it does not exist", ("amount",), _TEXTS),
    Action("withdraw", "pay money out, at most what is available", ("amount",), _TEXTS),
    Action(
        "reverse",
        "undo an entry by another entry, or the transfer that it belongs to",
        ("entry_id",),
    ),
    Action("overdraft", "set how far the account may be overdrawn", ("limit",)),
    Action("freeze", "refuse everything until the account is unfrozen, except lines of a bank's statement"),
    Action("unfreeze", "use the account again"),
    Action("close", "close an account that is empty"),
    Action("hold", "set an amount aside", ("amount",), ("expires",)),
    Action("capture", "pay out what a hold had set aside", ("hold_id",), ("part",)),
    Action("release", "give up a hold", ("hold_id",)),
)
