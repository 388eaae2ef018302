"""From the fields of a form or a JSON body to a command, and to its receipt."""

from typing import Any, Final
from uuid import UUID

from commands.accounts import Receipt
from domain.accounts import CreateAccount, Deposit, Unopened, Withdraw
from domain.identifiers import AccountId, parse_user_id
from eventstore.store import StreamStopped
from web.accounts.identifiers import new_account_id, typed_account_id
from web.http.bodies import Body
from web.http.inputs import Fields, calendar_day, currency_code, one_line, positive_amount
from web.services import Services

Entry = Deposit | Withdraw

ACCOUNT: Final[Body] = {
    "currency": ("ISO 4217 code, for example CZK", True),
    "account_id": ("1 to 64 letters, digits, '.', '_' or '-'; chosen by the server if it is missing", False),
    "user_id": ("the id of the person who holds the account", False),
}
ENTRY: Final[Body] = {
    "amount": ('a decimal string above zero, for example "1250.50"; never a JSON number', True),
    "currency": (
        "the account's currency by default; the server's default currency if this deposit opens the account",
        False,
    ),
    "value_date": (
        "the day from which the entry counts, for example 2026-11-24; today if it is missing",
        False,
    ),
    "note": ("one line of at most 200 characters", False),
}


def opening(fields: Fields, key: UUID) -> CreateAccount:
    """Raises BadInput with every field that is wrong."""
    command = CreateAccount(
        command_id=key,
        account_id=fields.read("account_id", typed_account_id, new_account_id(key)),
        currency=fields.read("currency", currency_code, ""),
        holder=fields.read("user_id", parse_user_id, None),
    )
    fields.check()
    return command


def entry(
    services: Services, kind: type[Entry], fields: Fields, key: UUID, account_id: AccountId | None
) -> Entry:
    """The account's id is a field too if `account_id` is None. Raises BadInput with every field that is wrong."""
    given: dict[str, Any] = {
        "command_id": key,
        "account_id": account_id or fields.read("account_id", typed_account_id, None),
        "amount": fields.read("amount", positive_amount, None),
        "currency": fields.read("currency", currency_code, None),
        "booked_on": services.today(),
        "value_date": fields.read("value_date", calendar_day, None),
        "note": fields.read("note", one_line, ""),
    }
    fields.check()
    return Deposit(**given, opens_in=services.currency) if kind is Deposit else Withdraw(**given)


async def handle(services: Services, command: CreateAccount | Entry, actor: str) -> Receipt:
    """`actor` is the part of the web process that gives the command, as long as there is no sign-in."""
    context = services.context(command.command_id, actor)
    if isinstance(command, CreateAccount):
        return await services.holding.open(command, context)
    return await services.accounts.handle(command, context)


async def exists(services: Services, account_id: AccountId) -> bool:
    try:
        return not isinstance(await services.accounts.state(account_id), Unopened)
    except StreamStopped:
        return True
