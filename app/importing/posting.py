"""Lines of a statement, booked through the write side: many accounts at a time, each account's lines in their order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4, uuid5

import msgspec

from app.importing.matching import New, Similar
from app.importing.statement import Line
from app.importing.surveying import ACTOR
from app.importing.together import insisting
from commands.accounts import Accounts
from commands.context import Context
from commands.deciding import NO_TERMS, Terms
from domain.accounts import AccountIsClosed, RecordEntry
from domain.money import format_amount
from eventstore.store import StreamStopped

_TOGETHER: Final = 256
"""Lines of one account in one append: far below the largest size that the log accepts."""
_FIRST: Final = Terms(is_new=True)
_CHECK: Final = Terms(dry_run=True)

ToBook = New | Similar


class StoppedAccount(msgspec.Struct, frozen=True):
    """An account on which `transactions` of the file could not be booked, and why."""

    account_id: str
    transactions: int
    reason: str


class RefusedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a rule refused, and why. `amount` is a decimal string with a sign."""

    line: int
    account: str
    amount: str
    reason: str


class Posting:
    """One run of an import. `booked` counts what this run booked, `repeated` what another one booked meanwhile;
    `sum` is that of both, in minor units. With `check` nothing is booked: it is only found out what would be refused.
    """

    def __init__(self, front: Accounts, currency: str, correlation_id: str, *, check: bool) -> None:
        self.booked = self.repeated = self.sum = 0
        self.stopped: dict[str, StoppedAccount] = {}
        self.refused: dict[int, RefusedLine] = {}
        """By the number of the line."""
        self._front, self._currency, self._check = front, currency, check
        self._correlation_id, self._run = correlation_id, uuid4()

    async def post(self, account: str, lines: Sequence[ToBook], *, is_new: bool) -> None:
        """`is_new`: the log did not have the account.

        Many lines together; on a closed account one by one, since another run may have booked some before that.
        """
        later = _CHECK if self._check else NO_TERMS
        at, together, terms = 0, _TOGETHER, _FIRST if is_new else later
        while at < len(lines):
            some = lines[at : at + together]
            try:
                await self._book(some, terms)
            except StreamStopped as stopped:
                left = len(lines) - at
                self.stopped[account] = StoppedAccount(account, left, str(stopped))
                return
            except AccountIsClosed as closed:
                if len(some) > 1:
                    together = 1
                    continue
                self._refuse(some[0].line, str(closed))
            at, terms = at + len(some), later

    async def _book(self, lines: Sequence[ToBook], terms: Terms) -> None:
        commands = [_command(each.line, each.command_id, self._currency) for each in lines]
        contexts = [self._context(command.command_id) for command in commands]
        outcomes = await insisting(lambda: self._front.handle_all(commands, contexts, terms))
        if self._check:
            return
        repeated = sum(outcome.repeated for outcome in outcomes)
        self.repeated += repeated
        self.booked += len(outcomes) - repeated
        self.sum += sum(command.amount for command in commands)

    def _refuse(self, line: Line, reason: str) -> None:
        amount = format_amount(line.amount, self._currency)
        self.refused[line.number] = RefusedLine(
            line=line.number, account=line.account, amount=amount, reason=reason
        )

    def _context(self, command_id: UUID) -> Context:
        return Context(
            command_id=command_id,
            correlation_id=self._correlation_id,
            causation_id=command_id,
            actor=ACTOR,
            at=datetime.now(UTC),
            seed=uuid5(self._run, str(command_id)),
        )


def _command(line: Line, command_id: UUID, currency: str) -> RecordEntry:
    return RecordEntry(
        account_id=line.account,
        command_id=command_id,
        amount=line.amount,
        currency=currency,
        booked_on=line.day,
        note=line.note,
    )
