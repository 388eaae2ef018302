"""Transfers on paper, as tests.bank.model has accounts: slips that go from one account to the other, and may come back.

What an account answers is written down on the account first, and then on the slip. In between there may be a break.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tests.bank.model import LIMIT, Account, Answer, Bank

State = Literal["requested", "debited", "declined", "completed", "refused", "refunded"]
ENDED: Final = {"completed", "refused", "refunded"}
FAILED: Final = {"refused", "refunded"}
YES: Final = "yes"


@dataclass
class Slip:
    """`answer`: what an account has said, and the slip does not say yet."""

    payer: str
    payee: str
    amount: int
    currency: str = ""
    only_at: int | None = None
    reverses: int | None = None
    state: State = "requested"
    reason: str | None = None
    answer: str | None = None
    is_on_its_way: bool = False


class Payments:
    """`slips` by the number of the command that asked for them."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.slips: dict[int, Slip] = {}

    @property
    def in_flight(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for slip in self.slips.values():
            found[slip.currency] += slip.amount if slip.is_on_its_way else 0
        return +found

    def request(self, number: int, slip: Slip) -> frozenset[str]:
        """The names of the refusals, any of which may be given; none: it is requested, now or before."""
        if number in self.slips:
            return frozenset()
        reasons = frozenset(self._reasons(slip))
        if not reasons:
            slip.currency = self._bank.accounts[slip.payer].currency
            self.slips[number] = slip
        return reasons

    def _reasons(self, slip: Slip) -> Iterator[str]:
        payer, payee = (self._bank.accounts.get(name) for name in (slip.payer, slip.payee))
        if slip.payer == slip.payee:
            yield "SameAccount"
        if slip.amount <= 0:
            yield "InvalidAmount"
        if payer is None or payee is None:
            yield "UnknownAccount"
        if slip.only_at is not None and slip.only_at != (payer.events - 1 if payer else -1):
            yield "WrongVersion"
        elif payer is not None:
            yield from _refusals(payer, -slip.amount)

    def reverse(self, number: int, of: int) -> frozenset[str]:
        """As `request`."""
        first = self.slips[of]
        others = [each for other, each in self.slips.items() if each.reverses == of and other != number]
        if first.state != "completed":
            return frozenset({"TransferNotCompleted"})
        if number not in self.slips and any(each.state not in FAILED for each in others):
            return frozenset({"TransferAlreadyReversed"})
        return self.request(number, Slip(first.payee, first.payer, first.amount, reverses=of))

    def carry_on(self, number: int, writes: int = 100) -> None:
        """Until its end, or until so much was written down, or until it can not go on."""
        slip = self.slips[number]
        while slip.state not in ENDED and writes:
            if slip.answer is None:
                slip.answer = self._answer(number, slip)
                if slip.answer is None:
                    return
            else:
                _note(slip, slip.answer)
                slip.answer = None
            writes -= 1

    def _answer(self, number: int, slip: Slip) -> str | None:
        """None: there is no room for the money that comes back."""
        account = self._bank.accounts[slip.payee if slip.state == "debited" else slip.payer]
        change = -slip.amount if slip.state == "requested" else slip.amount
        if slip.state == "declined":
            if abs(account.balance + change) >= LIMIT:
                return None
            account.state = "frozen" if account.state == "closed" else account.state
            reason = YES
        else:
            reason = next(_declines(account, slip, change), YES)
        _book(account, (number, slip.state), change if reason == YES else 0)
        slip.is_on_its_way ^= reason == YES
        return reason


def _refusals(account: Account, change: int) -> Iterator[str]:
    if account.state == "frozen":
        yield "AccountIsFrozen"
    if account.state == "closed":
        yield "AccountIsClosed"
    if abs(account.balance + change) >= LIMIT:
        yield "BalanceOutOfRange"
    if account.available + change < 0 and change < 0:
        yield "InsufficientFunds"


REASONS: Final = {
    "AccountIsFrozen": "account-frozen",
    "AccountIsClosed": "account-closed",
    "BalanceOutOfRange": "balance-out-of-range",
    "InsufficientFunds": "insufficient-funds",
}


def _declines(account: Account, slip: Slip, change: int) -> Iterator[str]:
    """The first one is given."""
    if slip.state == "requested" and slip.only_at not in (None, account.events - 1):
        yield "account-changed"
    refusals = [REASONS[each] for each in _refusals(account, change)]
    yield from (each for each in refusals if each in ("account-frozen", "account-closed"))
    if account.currency != slip.currency:
        yield "currency-mismatch"
    yield from refusals


def _book(account: Account, step: tuple[int, State], change: int) -> None:
    """It counts among the account's newest commands too. No command of a client has a number below zero."""
    account.balance += change
    account.events += 1
    number, state = step
    key = -(10 * number + ["requested", "debited", "declined"].index(state) + 1)
    account.booked[key] = step, Answer(change, account.balance, None, account.events - 1)


def _note(slip: Slip, answer: str) -> None:
    match slip.state, answer:
        case "requested", "yes":
            slip.state = "debited"
        case "requested", reason:
            slip.state, slip.reason = "refused", reason
        case "debited", "yes":
            slip.state = "completed"
        case "debited", reason:
            slip.state, slip.reason = "declined", reason
        case _:
            slip.state = "refunded"
