"""Accounts that somebody holds: two streams, and the person's own decides.

    open    AccountAdded on the person's stream, then AccountCreated on the account's. If the account cannot be
            opened: AccountRemoved
    close   AccountClosed on the account's stream, then AccountRemoved on the person's

A person who was deleted gets no account, and somebody with an account that was added and not removed is not deleted.
Each command's id is made from the one before, so that a repetition has no other effect. What a crash leaves half done
is completed or undone by `finish`, from the events alone.
"""

from contextlib import suppress
from typing import assert_never
from uuid import UUID, uuid5

from msgspec.structs import replace

from commands.accounts import Accounts, Receipt
from commands.context import Context
from commands.deciding import NO_TERMS, Terms
from commands.users import UserReceipt, Users
from domain.accounts import AccountClosed, CloseAccount, CreateAccount, Unopened
from domain.errors import CommandTooOld, DomainError
from domain.identifiers import AccountId, UserId
from domain.users import AccountAdded, AccountNotHeld, AddAccount, RemoveAccount, UnknownUser, UserDeleted
from domain.users.events import Removal

Unfinished = AccountAdded | AccountClosed | UserDeleted
"""Events that something on another stream, or in the key store, has to follow."""


class Holding:
    """Raises as `Accounts` and `Users` do."""

    def __init__(self, accounts: Accounts, users: Users) -> None:
        self._accounts = accounts
        self._users = users

    async def open(self, command: CreateAccount, context: Context, terms: Terms = NO_TERMS) -> Receipt:
        """Raises UnknownUser if nobody has the holder's id.

        `terms` are about the account's stream. They are checked before anything is recorded: what is refused then
        leaves no trace.
        """
        if command.holder is None:
            return await self._accounts.handle(command, context, terms)
        tried = await self._accounts.handle(command, context, replace(terms, dry_run=True))
        if tried.repeated:
            return tried
        add = AddAccount(
            user_id=command.holder,
            command_id=uuid5(command.command_id, "add account"),
            account_id=command.account_id,
            currency=command.currency,
            opening=command.command_id,
        )
        added = await self._users.handle(add, _as(context, add.command_id), Terms(dry_run=terms.dry_run))
        if terms.dry_run:
            return tried
        return await self._open(command, _after(added, context), command.holder)

    async def close(self, command: CloseAccount, context: Context, terms: Terms = NO_TERMS) -> Receipt:
        receipt = await self._accounts.handle(command, context, terms)
        if terms.dry_run:
            return receipt
        account = await self._accounts.state(command.account_id)
        if not isinstance(account, Unopened) and account.standing.holder is not None:
            after = _after(receipt, context)
            await self._closed(account.standing.holder, command.account_id, command.effect_id, after)
        return receipt

    async def finish(self, event: Unfinished, context: Context) -> None:
        """Complete or undo what `event` began. Nothing happens if that is done.

        `context` says who finishes it, and why; the commands have their own ids.
        """
        match event:
            case AccountAdded():
                with suppress(DomainError):  # then it was undone
                    await self._open(_opening(event), _as(context, event.opening), event.user_id)
            case AccountClosed():
                if event.holder is not None:
                    await self._closed(event.holder, event.account_id, event.effect_id, context)
            case UserDeleted():
                await self._users.destroy_key(event.user_id)
            case _:
                assert_never(event)

    async def _open(self, command: CreateAccount, context: Context, holder: UserId) -> Receipt:
        """A refusal is final: an account's id is used once."""
        try:
            return await self._accounts.handle(command, context)
        except DomainError:
            await self._remove(holder, command.account_id, "not_opened", command.command_id, context)
            raise

    async def _closed(self, holder: UserId, account_id: AccountId, closing: UUID, context: Context) -> None:
        await self._remove(holder, account_id, "closed", closing, context)

    async def _remove(
        self, holder: UserId, account_id: AccountId, reason: Removal, cause: UUID, context: Context
    ) -> None:
        remove = RemoveAccount(
            user_id=holder, command_id=uuid5(cause, "remove account"), account_id=account_id, reason=reason
        )
        # Removed before; or the account is older than the rule that a person has to exist who holds it.
        with suppress(AccountNotHeld, UnknownUser, CommandTooOld):
            await self._users.handle(remove, _as(context, remove.command_id))


def _opening(added: AccountAdded) -> CreateAccount:
    return CreateAccount(
        account_id=added.account_id,
        command_id=added.opening,
        currency=added.currency,
        holder=added.user_id,
    )


def _after(receipt: Receipt | UserReceipt, context: Context) -> Context:
    """Of what the event of `receipt` leads to."""
    return context if receipt.event_id is None else replace(context, causation_id=receipt.event_id)


def _as(context: Context, command_id: UUID) -> Context:
    return replace(context, command_id=command_id)
