"""Commands that have a page of their own, at the address that its form is sent to: the same below an account's page as
below the account in the API.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import uuid4

import msgspec

from commands.accounts import Receipt
from commands.deciding import Terms
from domain.money import format_amount
from projections.readmodels.balances import AccountRow
from web import messages_on_accounts as messages
from web.accounts import commands, reversals
from web.accounts.commands import Builder, Given
from web.accounts.forms import AMOUNT, CURRENCY, EXPIRES, HOLDER, LIMIT, PART, Input
from web.accounts.reversals import Preview
from web.http.formats import money, signed
from web.http.inputs import Fields
from web.services import Services

Trial = Callable[[str], Mapping[str, str]]
"""Fields with which a command is tried before its form is shown, by currency."""
Previewer = Callable[[Services, Mapping[str, str], Receipt | None], Awaitable[Preview]]
"""What a page shows of a command in addition, from the ids in its address and its receipt. None: it was refused."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """`states` are those of an account in which it is offered. `trial`: None if it has to be typed what is tried."""

    path: str
    title: str
    button: str
    about: str
    command: Builder
    states: Sequence[str]
    inputs: Sequence[Input] = ()
    trial: Trial | None = None
    preview: Previewer | None = None


OPEN: Final = Action(
    path="open",
    title="Open the account",
    button="Open account",
    about=messages.ABOUT_OPENING,
    command=commands.opening,
    states=(),
    inputs=(CURRENCY, HOLDER),
    trial=lambda currency: {"currency": currency},
)
ON_ACCOUNT: Final = (
    Action(
        path="holds",
        title="Place a hold",
        button="Place hold",
        about=messages.ABOUT_HOLD,
        command=commands.hold,
        states=("open",),
        inputs=(AMOUNT, EXPIRES),
        trial=lambda currency: {"amount": format_amount(1, currency)},
    ),
    Action(
        path="overdraft",
        title="Change the overdraft limit",
        button="Set overdraft limit",
        about=messages.ABOUT_OVERDRAFT,
        command=commands.overdraft,
        states=("open", "frozen"),
        inputs=(LIMIT,),
        trial=lambda _: {"limit": "0"},
    ),
    Action(
        path="freeze",
        title="Freeze the account",
        button="Freeze",
        about=messages.ABOUT_FREEZING,
        command=commands.freezing,
        states=("open",),
    ),
    Action(
        path="unfreeze",
        title="Unfreeze the account",
        button="Unfreeze",
        about=messages.ABOUT_UNFREEZING,
        command=commands.unfreezing,
        states=("frozen",),
    ),
    Action(
        path="close",
        title="Close the account",
        button="Close account",
        about=messages.ABOUT_CLOSING,
        command=commands.closing,
        states=("open",),
    ),
)
ON_HOLD: Final = (
    Action(
        path="holds/{hold_id:str}/capture",
        title="Capture a hold",
        button="Capture",
        about=messages.ABOUT_CAPTURE,
        command=commands.capture,
        states=("open",),
        inputs=(PART,),
    ),
    Action(
        path="holds/{hold_id:str}/release",
        title="Release a hold",
        button="Release",
        about=messages.ABOUT_RELEASE,
        command=commands.release,
        states=("open", "frozen"),
    ),
)
REVERSE: Final = Action(
    path="entries/{entry_id:str}/reversal",
    title="Reverse an entry",
    button="Reverse",
    about=messages.ABOUT_REVERSAL,
    command=commands.reversal,
    states=("open",),
    preview=reversals.preview,
)
ACTIONS: Final = (OPEN, *ON_ACCOUNT, *ON_HOLD, REVERSE)


def offered(row: AccountRow, actions: Sequence[Action]) -> list[Action]:
    """Nothing is offered on a stopped account."""
    return [each for each in actions if row.state in each.states and not row.stopped]


async def tried(services: Services, action: Action, ids: Mapping[str, str], currency: str) -> Receipt:
    """What the command would do; nothing is booked. Raises as the command does."""
    given = Given(
        services=services,
        key=uuid4(),
        ids=ids,
        fields=Fields(action.trial(currency) if action.trial else {}),
    )
    return await commands.handle(services, action.command(given), "web", Terms(dry_run=True))


def foretold(action: Action, receipt: Receipt) -> str:
    """What a command on a hold that was tried will do, in figures; "" for other commands."""
    if action.trial is not None or receipt.available is None:
        return ""
    balance, available = (_figure(each, receipt.currency) for each in (receipt.balance, receipt.available))
    if receipt.amount is None:
        return messages.will_be(balance, available)
    amount = f"{signed(receipt.amount, receipt.currency)} {receipt.currency}"
    return messages.capture_of_all(amount, balance, available)


def _figure(minor: int, currency: str) -> str:
    return f"{money(minor, currency)} {currency}"
