"""People on paper, as tests.bank.model has accounts: who exists, and what they hold."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

What = Literal["create", "update", "delete", "open", "close"]


class Errand(NamedTuple):
    what: What
    id: int
    person: str = ""
    account: str = ""
    text: str = ""


@dataclass
class Person:
    """The plain model of one. `given`: what each command asked for, and the revision that it led to."""

    accounts: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    given: dict[int, tuple[Errand, int]] = field(default_factory=dict)
    is_deleted: bool = False
    events: int = 0


class Register:
    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.opened: dict[str, Errand] = {}
        """By account."""

    def give(self, errand: Errand) -> int | str:
        """The revision that the command led to, now or before; or the name of its refusal."""
        own = self.people.get(errand.person)
        if own is not None and own.is_deleted and errand.what != "delete":
            return "UserIdRetired" if errand.what == "create" else "UnknownUser"
        if own is not None and errand.id in own.given:
            before, revision = own.given[errand.id]
            return revision if before == errand else "CommandReused"
        if errand.what == "create":
            return "UserAlreadyExists" if own else self._record(errand, Person())
        if own is None or own.is_deleted:
            return "UnknownUser"
        if errand.what == "delete" and own.accounts:
            return "HasOpenAccounts"
        return self._record(errand, own)

    def _record(self, errand: Errand, own: Person) -> int:
        self.people[errand.person] = own
        own.given[errand.id] = errand, own.events
        own.events += 1
        own.is_deleted = errand.what == "delete"
        return own.events - 1

    def refuses(self, opening: Errand) -> frozenset[str]:
        """Why the account is not opened for this person, if it does not exist, or if this is a repetition."""
        before, own = self.opened.get(opening.account), self.people.get(opening.person)
        if before is not None:
            is_other = before.id == opening.id and before != opening
            return frozenset({"CommandReused"} if is_other else ())
        return frozenset({"UnknownUser"} if own is None or own.is_deleted else ())

    def open(self, opening: Errand) -> None:
        own = self.people[opening.person]
        own.accounts.append(opening.account)
        own.events += 1
        self.opened[opening.account] = opening

    def close(self, account: str) -> None:
        if opening := self.opened.get(account):
            own = self.people[opening.person]
            own.accounts.remove(account)
            own.former.append(account)
            own.events += 1
