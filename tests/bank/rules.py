"""What can happen to a bank, by subject. Each set of rules can be left out, and others can be added."""

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.bank.machine import FRONTS, Clients
from tests.bank.model import LIMIT, Account, Ask, What

fronts: Final = st.integers(0, FRONTS - 1)
names: Final = st.sampled_from("aaabbc")
"""The first two exist from the beginning."""
small: Final = st.integers(1, 300)
amounts: Final = st.one_of(small, small, small, small, st.sampled_from([0, LIMIT - 1]))
near: Final = st.sampled_from([0, 0, 0, -1, 1, -100, None])
"""How far from the amount that matters; None: any other amount."""
currencies: Final = st.sampled_from([*[None] * 6, "CZK", "EUR"])
losses: Final = st.sampled_from([0, 0, 1, 2, 3])
ends: Final = st.sampled_from(["capture", "capture", "release", "expire"])
notes: Final = st.sampled_from(["", "rent"])
BURST: Final = 70


class Entries(Clients):
    @initialize()
    def begin(self) -> None:
        self.ask(0, Ask("create", "a", self.new_id(), currency="CZK"))
        self.ask(1, Ask("deposit", "a", self.new_id(), 1000))
        self.ask(1, Ask("deposit", "b", self.new_id(), 200))

    @rule(front=fronts, name=names, currency=st.sampled_from(["CZK", "EUR"]))
    def create(self, front: int, name: str, currency: str) -> None:
        self.ask(front, Ask("create", name, self.new_id(), currency=currency))

    @rule(front=fronts, name=names, amount=amounts, currency=currencies, note=notes, losses=losses)
    def deposit(
        self, front: int, name: str, amount: int, currency: str | None, note: str, losses: int
    ) -> None:
        ask = Ask("deposit", name, self.new_id(), amount, currency=currency, note=note)
        self.ask(front, ask, losses=losses)

    @rule(front=fronts, name=names, by=near, other=amounts, currency=currencies)
    def withdraw(self, front: int, name: str, by: int | None, other: int, currency: str | None) -> None:
        amount = other if by is None else max(self.available(name) + by, 1)
        self.ask(front, Ask("withdraw", name, self.new_id(), min(amount, LIMIT - 1), currency=currency))

    @rule(front=fronts, name=names, amount=amounts, sign=st.sampled_from([1, -1]), note=notes)
    def record(self, front: int, name: str, amount: int, sign: int, note: str) -> None:
        self.ask(front, Ask("record", name, self.new_id(), sign * amount, currency="CZK", note=note))

    @rule(front=fronts, name=names)
    def record_many(self, front: int, name: str) -> None:
        """So that earlier commands leave the window in which a repetition is answered."""
        first = self.new_id()
        self.ask(front, *(Ask("record", name, first + n, 1, currency="CZK") for n in range(BURST)))

    @rule(front=fronts, name=names, data=st.data())
    def reverse(self, front: int, name: str, data: st.DataObject) -> None:
        """Also an entry that the account does not have, one that was reversed, and a reversal."""
        made = data.draw(st.sampled_from([0, *list(self.account_of(name).entries)[-6:]]), "entry")
        self.ask(front, Ask("reverse", name, self.new_id(), of=made))

    @rule(front=fronts, name=names)
    def undo_and_redo(self, front: int, name: str) -> None:
        """Twice each: an entry is reversed once, and so is its reversal."""
        self.ask(front, Ask("deposit", name, self.new_id(), 10))
        for of in (self.new_id() - 1, self.new_id() - 1, self.new_id(), self.new_id()):
            self.ask(front, Ask("reverse", name, self.new_id(), of=of))

    def available(self, name: str) -> int:
        return self.account_of(name).available

    def account_of(self, name: str) -> Account:
        return self.model.accounts.get(name) or Account("CZK", (0, False))


class Holds(Entries):
    @rule(front=fronts, name=names, by=near, other=amounts, ends=st.none() | st.integers(0, 5))
    def place(self, front: int, name: str, by: int | None, other: int, ends: int | None) -> None:
        amount = min(other if by is None else max(self.available(name) + by, 1), LIMIT - 1)
        end = None if ends is None else self.model.minute + ends
        self.ask(front, Ask("place", name, self.new_id(), amount, ends=end))

    @rule(
        front=fronts,
        ending=st.sampled_from([None, 1]),
        minutes=st.integers(0, 2),
        how=ends,
        part=st.sampled_from([None, 4, 10, 11]),
    )
    def place_and_end(
        self, front: int, ending: int | None, minutes: int, how: What, part: int | None
    ) -> None:
        """Before, at and after the end of its time, if it has one."""
        placed, amount = self.new_id(), part if how == "capture" else None
        end = None if ending is None else self.model.minute + ending
        self.ask(front, Ask("place", "b", placed, 10, ends=end))
        self.model.minute += minutes
        self.ask(front, Ask(how, "b", self.new_id(), amount, of=placed))

    @rule(front=fronts, name=names)
    def capture_a_part(self, front: int, name: str) -> None:
        placed = self.new_id()
        self.ask(front, Ask("place", name, placed, 10))
        self.ask(front, Ask("capture", name, self.new_id(), 4, of=placed))

    @rule(front=fronts, how=ends, by=near, losses=losses, data=st.data())
    @precondition(lambda self: self.holds())
    def end(self, front: int, how: What, by: int | None, losses: int, data: st.DataObject) -> None:
        """Also a hold that has ended. All of it is captured if `by` is None."""
        name, hold = data.draw(st.sampled_from([*2 * self.holds(), *self.ended(), ("a", 0)]), "hold")
        amount = self.account_of(name).placed.get(hold, 0) + (by or 0)
        part = min(max(amount, 1), LIMIT - 1) if how == "capture" and by is not None else None
        self.ask(front, Ask(how, name, self.new_id(), part, of=hold), losses=losses)

    @rule(minutes=st.integers(1, 3))
    def wait(self, minutes: int) -> None:
        self.model.minute += minutes

    def holds(self) -> list[tuple[str, int]]:
        """The newest, with their accounts."""
        accounts = self.model.accounts.items()
        return [(name, hold) for name, account in accounts for hold in list(account.holds)[-3:]]

    def ended(self) -> list[tuple[str, int]]:
        accounts = self.model.accounts.items()
        return [(name, hold) for name, account in accounts for hold in account.placed][-2:]


class Lives(Entries):
    @rule(front=fronts, name=names, what=st.sampled_from(["freeze", "unfreeze", "unfreeze"]))
    def freeze(self, front: int, name: str, what: What) -> None:
        self.ask(front, Ask(what, name, self.new_id()))

    @rule(front=fronts, name=names, what=st.sampled_from(["deposit", "withdraw", "record", "place"]))
    def try_while_frozen(self, front: int, name: str, what: What) -> None:
        self.ask(front, Ask("freeze", name, self.new_id()))
        currency = self.account_of(name).currency if what == "record" else None
        self.ask(front, Ask(what, name, self.new_id(), 1, currency=currency))
        self.ask(front, Ask("unfreeze", name, self.new_id()))

    @rule(front=fronts, name=names, limit=st.sampled_from([0, 50, 5000, -1, LIMIT - 1]))
    def limit(self, front: int, name: str, limit: int) -> None:
        self.ask(front, Ask("limit", name, self.new_id(), limit))

    @rule(front=fronts, name=names, is_emptied=st.booleans())
    def close(self, front: int, name: str, is_emptied: bool) -> None:
        account = self.account_of(name)
        if is_emptied and account.balance:
            line = Ask("record", name, self.new_id(), -account.balance, currency=account.currency)
            self.ask(front, line)
        self.ask(front, Ask("close", name, self.new_id()))


class Repetitions(Entries):
    @rule(front=fronts, losses=losses, data=st.data())
    def again(self, front: int, losses: int, data: st.DataObject) -> None:
        self.ask(front, self.an_earlier_one(data), losses=losses)

    @rule(data=st.data())
    def again_everywhere(self, data: st.DataObject) -> None:
        self.ask_everywhere(self.an_earlier_one(data))

    @rule(name=names, amount=amounts, what=st.sampled_from(["deposit", "withdraw", "place"]))
    def everywhere(self, name: str, amount: int, what: str) -> None:
        """A double click, in several windows."""
        made = {
            "deposit": Ask("deposit", name, self.new_id(), amount),
            "withdraw": Ask("withdraw", name, self.new_id(), amount),
            "place": Ask("place", name, self.new_id(), amount),
        }
        self.ask_everywhere(made[what])

    @rule(front=fronts, data=st.data())
    def with_another_body(self, front: int, data: st.DataObject) -> None:
        """The id of an earlier command, with what another one asked for, or another amount."""
        one, other = self.an_earlier_one(data), self.an_earlier_one(data)
        changed = [
            other._replace(account=one.account, id=one.id),
            one._replace(note="another"),
            one._replace(amount=77 if one.amount else one.amount),
            one._replace(ends=self.model.minute + 9 if one.what == "place" else None),
        ]
        self.ask(front, data.draw(st.sampled_from(changed), "changed"))

    @rule(front=fronts)
    @precondition(lambda self: self.asked)
    def forget(self, front: int) -> None:
        """As after a restart."""
        self.fronts[front].forget_all()

    def an_earlier_one(self, data: st.DataObject) -> Ask:
        """Mostly a recent one."""
        recent = self.asked[-8:]
        return data.draw(st.sampled_from(recent) | st.sampled_from(self.asked), "earlier")
