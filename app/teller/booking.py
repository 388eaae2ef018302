"""A command's effect, or the account as it is, from the log: as the API answers it."""

from datetime import datetime

from app.messages import accounts as messages
from app.teller.asking import Answer, context_of
from app.teller.transfers import requested, reversal
from commands.accounts import Accounts, Receipt
from commands.context import Context
from commands.deciding import Terms
from commands.holding import Holding
from commands.transfers import TransferReceipt, Transfers
from commands.users import Users
from domain.accounts import ACCOUNTS, AccountCommand, CloseAccount, CreateAccount, ReverseEntry, Unopened
from domain.identifiers import AccountId
from domain.money import format_amount
from eventstore.personal.keys import KeyStore
from eventstore.store import EventStore


async def book(
    store: EventStore, keys: KeyStore, command: AccountCommand, now: datetime, terms: Terms
) -> Answer:
    """Raises DomainError, StoreError, TooContended, WrongVersion."""
    users = Users(store, keys)
    try:
        receipt = await _receipt(store, users, command, context_of(command.command_id, now), terms)
    finally:
        await users.close()
    if isinstance(receipt, TransferReceipt):
        return requested(receipt, dry_run=terms.dry_run)
    return {**_booked(receipt), **({"dry_run": True} if terms.dry_run else {})}


async def _receipt(
    store: EventStore, users: Users, command: AccountCommand, context: Context, terms: Terms
) -> Receipt | TransferReceipt:
    """What concerns other streams too, a person's or those of a transfer, is decided there."""
    accounts = Accounts(store)
    match command:
        case CreateAccount():
            return await Holding(accounts, users).open(command, context, terms)
        case CloseAccount():
            return await Holding(accounts, users).close(command, context, terms)
        case ReverseEntry():
            return await Transfers(store, accounts).reverse_entry(command, context, terms)
        case _:
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
    if "transfer_id" in answer:
        return reversal(answer)
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
