"""From fields, of a form or a JSON body, to a command, and to what it led to."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from commands.accounts import Receipt
from domain.accounts import CreateAccount, Deposit, Unopened, Withdraw
from domain.identifiers import AccountId, parse_user_id
from web.accounts.identifiers import new_account_id, typed_account_id
from web.http.bodies import Body
from web.http.inputs import Fields, calendar_day, currency_code, one_line, positive_amount
from web.services import Services

Entry = Deposit | Withdraw

ACCOUNT: Final[Body] = {
    "currency": ("ISO 4217 code, such as CZK", True),
    "account_id": ("1 to 64 letters, digits, '.', '_' or '-'; made if it is absent", False),
    "user_id": ("whose account it is", False),
}
ENTRY: Final[Body] = {
    "amount": ('a decimal string above zero, such as "1250.50"; never a JSON number', True),
    "currency": ("that of the account; for an account that this deposit opens, the default one", False),
    "value_date": ("the day from which it counts, such as 2026-11-24; today if it is absent", False),
    "note": ("one line of at most 200 characters", False),
}


def opening(fields: Fields, key: UUID) -> CreateAccount:
    """Raises BadInput with all that is wrong."""
    command = CreateAccount(
        command_id=key,
        account_id=fields.read("account_id", typed_account_id, new_account_id(key)),
        currency=fields.read("currency", currency_code, ""),
        user_id=fields.read("user_id", parse_user_id, None),
    )
    fields.check()
    return command


def entry(
    services: Services, kind: type[Entry], fields: Fields, key: UUID, account_id: AccountId | None
) -> Entry:
    """The account's id is a field too if `account_id` is None. Raises BadInput with all that is wrong."""
    given: dict[str, Any] = {
        "command_id": key,
        "account_id": account_id or fields.read("account_id", typed_account_id, None),
        "amount": fields.read("amount", positive_amount, None),
        "currency": fields.read("currency", currency_code, None),
        "booked_on": datetime.now(UTC).date(),
        "value_date": fields.read("value_date", calendar_day, None),
        "note": fields.read("note", one_line, ""),
    }
    fields.check()
    return Deposit(**given, opens_in=services.currency) if kind is Deposit else Withdraw(**given)


async def handle(services: Services, command: CreateAccount | Entry, actor: str) -> Receipt:
    """`actor` is the part of the web process that gives the command, until people sign in."""
    return await services.accounts.handle(command, services.context(command.command_id, actor))


async def exists(services: Services, account_id: AccountId) -> bool:
    return not isinstance(await services.accounts.state(account_id), Unopened)
