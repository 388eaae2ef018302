"""Commands with conditions: only on a certain revision of the account, or without booking anything."""

from copy import deepcopy
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import rule

from commands.deciding import Terms, WrongVersion
from tests.bank.machine import Refused, answer_of
from tests.bank.model import Ask, What
from tests.bank.rules import Entries, amounts, fronts, names

whats: Final = st.sampled_from(["deposit", "withdraw", "place", "freeze", "close"])
SENSELESS: Final = {"InvalidAmount", "InvalidLimit", "CommandReused", "CommandTooOld"}
"""Refused whatever the account's revision is."""


class Conditions(Entries):
    @rule(front=fronts, name=names, what=whats, amount=amounts)
    def try_it(self, front: int, name: str, what: What, amount: int) -> None:
        """The answer is that of the command, and nothing changes."""
        ask, before = self.asking(what, name, amount), deepcopy(self.model.accounts)
        self.asked.append(ask)
        self.agrees = False
        (expected,) = self.expect([ask])
        self.model.accounts = before
        found = self.run(self.give(self.fronts[front], [ask], Terms(dry_run=True)))
        if isinstance(found, Refused):
            assert type(found).__name__ in expected.reasons
        else:
            assert answer_of(found[0]) == expected.answer
            assert (found[0].position, found[0].repeated) == (None, False)
        self.agrees = True

    @rule(front=fronts, name=names, what=whats, amount=amounts, ahead=st.sampled_from([1, -1, 100]))
    def on_another_revision(self, front: int, name: str, what: What, amount: int, ahead: int) -> None:
        """Refused before any rule that depends on the account."""
        ask, account = self.asking(what, name, amount), self.model.accounts.get(name)
        self.asked.append(ask)
        other = (-1 if account is None else account.events - 1) + ahead
        found = self.run(self.give(self.fronts[front], [ask], Terms(only_at={other})))
        if isinstance(found, WrongVersion):
            assert found.revision == other - ahead
        else:
            assert type(found).__name__ in SENSELESS

    @rule(front=fronts, name=names, what=whats, amount=amounts)
    def on_this_revision(self, front: int, name: str, what: What, amount: int) -> None:
        account = self.model.accounts.get(name)
        terms = Terms(only_at={-1 if account is None else account.events - 1})
        self.ask(front, self.asking(what, name, amount), terms=terms)

    def asking(self, what: What, name: str, amount: int) -> Ask:
        return Ask(what, name, self.new_id(), None if what in ("freeze", "close") else amount)
