"""What the accounts of a transfer say to its request, before anything is recorded."""

import msgspec

from commands.accounts import Accounts
from commands.deciding import ANY, Terms, WrongVersion
from domain.accounts import ACCOUNTS, Decline, ReceiveMoney, SendMoney, TransferDeclined, Unopened, legs
from domain.accounts.checks import existing
from domain.decider import fold
from domain.identifiers import AccountId
from domain.transfers import TRANSFERS, RequestTransfer, TransferDebited, next_step


async def checked(
    accounts: Accounts, command: RequestTransfer, terms: Terms, about: AccountId
) -> tuple[RequestTransfer, Decline | None]:
    """`command` with what the paying account adds to it, and why the receiving account would decline the money now.

    `terms` are about the account `about`. Raises InvalidInput, UnknownAccount, WrongVersion, and what keeps the paying
    account from paying.
    """
    paying = await accounts.loaded(command.from_account)
    named = paying if about == command.from_account else await accounts.loaded(about)
    wrong = terms.only_at is not None and named.revision not in terms.only_at
    if wrong and isinstance(named.state, Unopened):
        raise WrongVersion(ACCOUNTS.stream(about), named.revision)
    payer = existing(paying.state, command.from_account)
    binds = terms.only_at not in (None, ANY) and named is paying
    complete = msgspec.structs.replace(
        command, currency=payer.standing.currency, only_at=paying.revision if binds else None
    )
    send, receive = _steps(complete)
    if wrong:
        raise WrongVersion(ACCOUNTS.stream(about), named.revision)
    legs.sent(send, payer)
    payee = existing(await accounts.state(command.to_account), command.to_account)
    (answer,) = legs.receive(receive, payee)
    return complete, answer.reason if isinstance(answer, TransferDeclined) else None


def _steps(command: RequestTransfer) -> tuple[SendMoney, ReceiveMoney]:
    """What the accounts will be asked for. Raises InvalidInput."""
    requested = fold(TRANSFERS, TRANSFERS.decide(command, TRANSFERS.initial))
    debited = TRANSFERS.evolve(
        requested, TransferDebited(transfer_id=command.transfer_id, entry_id=command.transfer_id)
    )
    send, receive = next_step(requested), next_step(debited)
    assert isinstance(send, SendMoney)
    assert isinstance(receive, ReceiveMoney)
    return send, receive
