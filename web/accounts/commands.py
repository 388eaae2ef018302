"""From the fields of a form or a JSON body to a command, and to its receipt."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from commands.accounts import Receipt
from commands.deciding import NO_TERMS, Terms
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
from domain.identifiers import parse_account_id, parse_user_id
from web.accounts.identifiers import new_account_id, typed_account_id
from web.http.inputs import (
    Fields,
    any_amount,
    currency_code,
    id_in_address,
    one_line,
    point_in_time,
    positive_amount,
    reference_line,
)
from web.services import Services


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a command is made of: its id, the ids in its address, and its fields."""

    services: Services
    key: UUID
    ids: Mapping[str, str]
    fields: Fields

    def account(self) -> dict[str, Any]:
        """What every command has. The account's id is a field if it is not in the address. Raises InvalidAccountId."""
        in_address = self.ids.get("account_id")
        account_id = (
            self.fields.read("account_id", typed_account_id, new_account_id(self.key))
            if in_address is None
            else parse_account_id(in_address)
        )
        return {"command_id": self.key, "account_id": account_id}

    def uuid(self, name: str) -> UUID:
        """Of an entry or a hold, from the address. Raises BadInput."""
        return id_in_address(name, self.ids[name])


Builder = Callable[[Given], AccountCommand]
"""Raises BadInput with every field that is wrong, or an InvalidInput."""


def opening(given: Given) -> CreateAccount:
    command = CreateAccount(
        **given.account(),
        currency=given.fields.read("currency", currency_code, ""),
        holder=given.fields.read("user_id", parse_user_id, None),
    )
    given.fields.check()
    return command


def deposit(given: Given) -> Deposit:
    return Deposit(**_entry(given), opens_in=given.services.currency)


def withdrawal(given: Given) -> Withdraw:
    return Withdraw(**_entry(given))


def _entry(given: Given) -> dict[str, Any]:
    fields, today = given.fields, given.services.today()
    found = {
        **given.account(),
        "amount": fields.read("amount", positive_amount, None),
        "currency": fields.read("currency", currency_code, None),
        "booked_on": today,
        "value_date": fields.value_date(today),
        "note": fields.read("note", one_line, ""),
        "reference": fields.read("reference", reference_line, ""),
    }
    fields.check()
    return found


def _bare(given: Given) -> dict[str, Any]:
    """Of a command without fields."""
    found = given.account()
    given.fields.check()
    return found


def reversal(given: Given) -> ReverseEntry:
    entry_id = given.uuid("entry_id")
    return ReverseEntry(**_bare(given), entry_id=entry_id, booked_on=given.services.today())


def freezing(given: Given) -> FreezeAccount:
    return FreezeAccount(**_bare(given))


def unfreezing(given: Given) -> UnfreezeAccount:
    return UnfreezeAccount(**_bare(given))


def closing(given: Given) -> CloseAccount:
    return CloseAccount(**_bare(given))


def overdraft(given: Given) -> SetOverdraftLimit:
    found: Any = {**given.account(), "limit": given.fields.read("limit", any_amount, None)}
    given.fields.check()
    return SetOverdraftLimit(**found)


def hold(given: Given) -> PlaceHold:
    found: Any = {
        **given.account(),
        "amount": given.fields.read("amount", positive_amount, None),
        "at": datetime.now(UTC),
        "expires": given.fields.read("expires", point_in_time, None),
    }
    given.fields.check()
    return PlaceHold(**found)


def capture(given: Given) -> CaptureHold:
    command = CaptureHold(
        **given.account(),
        hold_id=given.uuid("hold_id"),
        amount=given.fields.read("amount", positive_amount, None),
        at=datetime.now(UTC),
        booked_on=given.services.today(),
    )
    given.fields.check()
    return command


def release(given: Given) -> ReleaseHold:
    return ReleaseHold(**_bare(given), hold_id=given.uuid("hold_id"))


async def handle(services: Services, command: AccountCommand, actor: str, terms: Terms = NO_TERMS) -> Receipt:
    """`actor` is the part of the web process that gives the command, as long as there is no sign-in."""
    context = services.context(command.command_id, actor)
    match command:
        case CreateAccount():
            return await services.holding.open(command, context, terms)
        case CloseAccount():
            return await services.holding.close(command, context, terms)
        case _:
            return await services.accounts.handle(command, context, terms)
