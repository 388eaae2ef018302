"""A bank kept on paper: dictionaries and sums, written a second time without any code of the domain.

A request is refused for one of the reasons that apply, or it is booked. A command is a number, and what it made, an
entry or a hold, is known by the same number. Amounts are in minor units, times in minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

LIMIT: Final = 2**53
WINDOW: Final = 64
"""A repetition is answered if its command is among the newest 64; it may be up to the 128th."""

What = Literal[
    "create", "deposit", "withdraw", "record", "reverse", "place", "capture", "release", "expire", "freeze",
    "unfreeze", "close", "limit",
]  # fmt: skip
NEEDS_OPEN: Final = {"deposit", "withdraw", "reverse", "place", "capture", "close"}
NEEDS_LIFE: Final = NEEDS_OPEN | {"record", "freeze", "unfreeze", "limit"}
OPENS: Final = {"create", "deposit", "record"}
ENTRIES: Final = {"deposit", "withdraw", "record"}
MOVES: Final = ENTRIES | {"reverse", "capture"}
ENDS: Final = {"capture", "release", "expire"}
STATES: Final = {"freeze": "frozen", "unfreeze": "open", "close": "closed"}


class Ask(NamedTuple):
    """`of` is the entry or hold that it is about. A statement's line has an `amount` with a sign; None captures all."""

    what: What
    account: str
    id: int
    amount: int | None = None
    of: int | None = None
    currency: str | None = None
    note: str = ""
    ends: int | None = None


class Answer(NamedTuple):
    """`amount` is what was added to the balance, None: no money moved. `available` is None without a hold."""

    amount: int | None
    balance: int
    available: int | None
    revision: int


class Expected(NamedTuple):
    """`reasons` are the names of refusals, any of which may be given; `answer` None: it has to be refused."""

    reasons: frozenset[str] = frozenset()
    answer: Answer | None = None
    repeated: bool = False


@dataclass
class Account:
    currency: str
    opened_by: tuple[int, bool]
    """The command, and whether it booked an entry too."""
    balance: int = 0
    overdraft: int = 0
    state: str = "open"
    holds: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    """Amount and end."""
    entries: dict[int, int] = field(default_factory=dict)
    """What each added to the balance."""
    undone: set[int] = field(default_factory=set)
    placed: dict[int, int] = field(default_factory=dict)
    """The amount of each hold, also of those that have ended."""
    booked: dict[int, tuple[object, Answer]] = field(default_factory=dict)
    """What each command asked for, and its answer; the oldest first."""
    events: int = 1

    @property
    def held(self) -> int:
        return sum(amount for amount, _ in self.holds.values())

    @property
    def available(self) -> int:
        return self.balance - self.held + self.overdraft


class Bank:
    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.minute = 0

    def give(self, ask: Ask) -> Expected:
        """What has to come of it. It is booked here if it has to be."""
        if reasons := frozenset(_senseless(ask)):
            return Expected(reasons)
        account = self.accounts.get(ask.account)
        if account is None and ask.what not in OPENS:
            return Expected(frozenset({"UnknownAccount"}))
        if account is not None and (known := _known(ask, account)):
            return known
        if account is not None and (reasons := frozenset(_reasons(ask, account, self.minute))):
            return Expected(reasons)
        if account is None:
            account = Account(ask.currency or "CZK", (ask.id, ask.what != "create"))
            self.accounts[ask.account] = account
            if ask.what == "create":
                return Expected(answer=Answer(None, 0, None, 0))
        return Expected(answer=_book(ask, account))


def _senseless(ask: Ask) -> Iterator[str]:
    if ask.what in ("deposit", "withdraw", "place", "capture") and ask.amount is not None and ask.amount <= 0:
        yield "InvalidAmount"
    if ask.what == "record" and ask.amount == 0:
        yield "InvalidAmount"
    if ask.what == "limit" and (ask.amount or 0) < 0:
        yield "InvalidLimit"


def _known(ask: Ask, account: Account) -> Expected | None:
    """None: its number is new on this account."""
    opened_by, by_entry = account.opened_by
    if ask.id == opened_by and not by_entry:
        if (ask.what, ask.currency) == ("create", account.currency):
            return Expected(answer=Answer(None, 0, None, 0), repeated=True)
        return Expected(frozenset({"CommandReused"}))
    if ask.what == "create":
        return Expected(frozenset({"CommandReused"})) if ask.id == opened_by else None
    return _repetition(ask, account) if ask.id in account.booked else None


def _repetition(ask: Ask, account: Account) -> Expected:
    """A line of a statement is a fact: it is known, however long ago it was. Anything else is refused when it is old.

    A client whose memory is from before that still gives the answer.
    """
    before, answer = account.booked[ask.id]
    since = len(account.booked) - list(account.booked).index(ask.id)
    is_same, is_line = _meaning(ask, account) == before, ask.what == "record"
    refused = set[str]()
    if since > WINDOW and not is_line:
        refused.add("CommandTooOld")
    if since < 2 * WINDOW and not is_same:
        refused.add("CommandReused")
    if is_same or (since > WINDOW and is_line):
        return Expected(frozenset(refused), answer, repeated=True)
    return Expected(frozenset(refused))


def _meaning(ask: Ask, account: Account) -> object:
    """Commands with equal meanings are the same command. To capture all is to capture the whole amount."""
    if ask.what in ENTRIES:
        return "entry", _change(ask, account), ask.note, ask.currency or account.currency
    if ask.what == "capture" and ask.amount is None:
        return "capture", ask.of, account.placed.get(ask.of or 0), None
    return ask.what, ask.of, ask.amount, ask.ends


def _reasons(ask: Ask, account: Account, minute: int) -> Iterator[str]:
    if ask.what == "create":
        yield "AccountAlreadyExists"
    if account.state == "closed" and ask.what in NEEDS_LIFE:
        yield "AccountIsClosed"
    if account.state == "frozen" and ask.what in NEEDS_OPEN | {"freeze"}:
        yield "AccountIsFrozen"
    if account.state != "frozen" and ask.what == "unfreeze":
        yield "AccountNotFrozen"
    if ask.what == "close" and (account.balance or account.holds):
        yield "AccountNotEmpty"
    if ask.what in ENTRIES and ask.currency not in (None, account.currency):
        yield "CurrencyMismatch"
    if ask.what == "place" and ask.ends is not None and ask.ends <= minute:
        yield "InvalidExpiry"
    if ask.what == "reverse" and ask.of not in account.entries:
        yield "UnknownEntry"
    if ask.what == "reverse" and ask.of in account.undone:
        yield "EntryAlreadyReversed"
    if ask.what in ENDS:
        yield from _of_hold(ask, account, minute)
    yield from _of_funds(ask, account)


def _of_hold(ask: Ask, account: Account, minute: int) -> Iterator[str]:
    amount, end = account.holds.get(ask.of or 0, (None, None))
    if amount is None:
        yield "UnknownHold"
        return
    is_over = end is not None and end <= minute
    if ask.what == "capture" and is_over:
        yield "HoldIsOver"
    if ask.what == "capture" and ask.amount is not None and ask.amount > amount:
        yield "HoldTooSmall"
    if ask.what == "expire" and not is_over:
        yield "HoldNotOver"


def _of_funds(ask: Ask, account: Account) -> Iterator[str]:
    change = _change(ask, account)
    takes = ask.amount or 0 if ask.what == "place" else -change
    if ask.what in ("withdraw", "reverse", "place") and takes > max(account.available, 0):
        yield "InsufficientFunds"
    if abs(account.balance + change) >= LIMIT or (ask.what == "place" and account.held + takes >= LIMIT):
        yield "BalanceOutOfRange"


def _change(ask: Ask, account: Account) -> int:
    """What it adds to the balance."""
    if ask.what in ("deposit", "record"):
        return ask.amount or 0
    if ask.what == "withdraw":
        return -(ask.amount or 0)
    if ask.what == "reverse":
        return -account.entries.get(ask.of or 0, 0)
    if ask.what == "capture":
        return -(ask.amount or account.placed.get(ask.of or 0, 0))
    return 0


def _book(ask: Ask, account: Account) -> Answer:
    change, meaning = _change(ask, account), _meaning(ask, account)
    account.balance += change
    if ask.what in MOVES:
        account.entries[ask.id] = change
    if ask.what == "reverse":
        account.undone.add(ask.of or 0)
    if ask.what == "place":
        account.holds[ask.id] = (ask.amount or 0, ask.ends)
        account.placed[ask.id] = ask.amount or 0
    if ask.what in ENDS:
        del account.holds[ask.of or 0]
    if ask.what == "limit":
        account.overdraft = ask.amount or 0
    account.state = STATES.get(ask.what, account.state)
    account.events += 1
    answer = Answer(
        change if ask.what in MOVES else None,
        account.balance,
        account.available if ask.what in ENDS | {"place"} else None,
        account.events - 1,
    )
    account.booked[ask.id] = meaning, answer
    return answer
