"""A command's effect, or the account as it is, from the log: as the API answers it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.messages import accounts as messages
from commands.accounts import Accounts, Receipt
from commands.deciding import Terms
from commands.handler import Context
from commands.holding import Holding
from commands.users import Users
from domain.accounts import ACCOUNTS, AccountCommand, CloseAccount, CreateAccount, Unopened
from domain.identifiers import AccountId
from domain.money import format_amount
from eventstore.personal.keys import KeyStore
from eventstore.store import EventStore

ACTOR = "cli"

Answer = Mapping[str, Any]


async def book(
    store: EventStore, keys: KeyStore, command: AccountCommand, now: datetime, terms: Terms
) -> Answer:
    """Raises DomainError, StoreError, TooContended, WrongVersion."""
    accounts, users = Accounts(store), Users(store, keys)
    try:
        receipt = await _receipt(accounts, users, command, _context(command.command_id, now), terms)
    finally:
        await users.close()
    return {**_booked(receipt), **({"dry_run": True} if terms.dry_run else {})}


async def _receipt(
    accounts: Accounts, users: Users, command: AccountCommand, context: Context, terms: Terms
) -> Receipt:
    """Whether somebody may hold an account is decided by the person's own stream."""
    holding = Holding(accounts, users)
    if isinstance(command, CreateAccount):
        return await holding.open(command, context, terms)
    if isinstance(command, CloseAccount):
        return await holding.close(command, context, terms)
    return await accounts.handle(command, context, terms)


async def show(store: EventStore, account_id: AccountId) -> Answer | None:
    """None: the account does not exist. Raises StoreError."""
    state = await Accounts(store).state(account_id)
    last = await store.read_stream(ACCOUNTS.stream(account_id), limit=1, backwards=True)
    if isinstance(state, Unopened):
        return None
    standing, currency = state.standing, state.standing.currency
    return {
        "account_id": account_id,
        "balance": format_amount(standing.balance, currency),
        "held": format_amount(standing.held, currency),
        "available": format_amount(standing.available, currency),
        "currency": currency,
        "state": standing.state,
        "user_id": standing.holder,
        "revision": last[0].revision,
        "position": last[0].position,
    }


def _context(command_id: UUID, now: datetime) -> Context:
    return Context(
        command_id=command_id, correlation_id=str(uuid4()), causation_id=command_id, actor=ACTOR, at=now
    )


def _booked(receipt: Receipt) -> Answer:
    """Fields that do not concern the command are left out."""
    figures = {"balance": receipt.balance, "held": receipt.held, "available": receipt.available}
    found = {
        "account_id": receipt.account_id,
        "entry_id": receipt.entry_id,
        "hold_id": receipt.hold_id,
        "revision": receipt.revision,
        "position": receipt.position,
        **{name: format_amount(each, receipt.currency) for name, each in figures.items() if each is not None},
        "currency": receipt.currency,
        "repeated": receipt.repeated,
    }
    return {name: value for name, value in found.items() if value is not None}


def sentence(answer: Answer) -> str:
    """For people."""
    if "state" in answer:
        shown = ("account_id", "state", "balance", "currency", "held", "available", "revision")
        return messages.account_shown(**{name: answer[name] for name in shown})
    hold = (
        [messages.held(str(answer["hold_id"]), answer["held"], answer["available"])]
        if "held" in answer
        else []
    )
    entry = [messages.entry(str(answer["entry_id"]))] if "entry_id" in answer else []
    text = messages.booked(
        answer["account_id"], answer["balance"], answer["currency"], hold, entry, answer["revision"]
    )
    if answer["repeated"]:
        return f"{text}\n{messages.BOOKED_BEFORE}"
    return f"{text}\n{messages.DRY_RUN}" if "dry_run" in answer else text
