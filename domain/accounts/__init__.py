"""An account. Read it in this order:

events       what has happened; what they have in common is in shapes, what their fields mean in fields
commands     what may be asked for
standing     follow(standing, event) -> standing: whether an event can be the next one
states       Unopened | Open | Frozen | Closed
decisions    decide(command, state) -> events, or a refusal; by subject in entries, holds, lifecycle, legs
once         one effect per command id
checks       the rules that several decisions share
evolution    evolve(state, event) -> state
errors       the refusals
upcasting    old data of events -> data of the next version

Deciding a command again, on any later state, gives no events or a refusal: an id is booked once.
"""

from typing import Final

from domain.accounts.commands import (
    AccountCommand,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    EntryRequest,
    ExpireHold,
    FreezeAccount,
    PlaceHold,
    ReceiveMoney,
    RecordEntry,
    ReleaseHold,
    ReturnMoney,
    ReverseEntry,
    SendMoney,
    SetOverdraftLimit,
    TransferCommand,
    UnfreezeAccount,
    Withdraw,
    effect_of,
)
from domain.accounts.decisions import decide
from domain.accounts.errors import (
    AccountAlreadyExists,
    AccountIsClosed,
    AccountIsFrozen,
    AccountNotEmpty,
    AccountNotFrozen,
    AccountRefused,
    BalanceOutOfRange,
    CurrencyMismatch,
    EntryAlreadyReversed,
    EntryOfTransfer,
    HoldIsOver,
    HoldNotOver,
    HoldRefused,
    HoldTooSmall,
    InsufficientFunds,
    TooManyHolds,
    UnknownAccount,
    UnknownEntry,
    UnknownHold,
)
from domain.accounts.events import (
    AccountClosed,
    AccountCreated,
    AccountEvent,
    AccountFrozen,
    AccountUnfrozen,
    Entry,
    EntryReversed,
    HoldCaptured,
    HoldEvent,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    Leg,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    StandingEvent,
    TransferDeclined,
    change,
    moved,
)
from domain.accounts.evolution import evolve
from domain.accounts.fields import Decline
from domain.accounts.holds import MOST_HOLDS
from domain.accounts.standing import Hold, Standing, State, follow
from domain.accounts.states import Account, Closed, Existing, Frozen, Open, Unopened
from domain.decider import Decider

__all__ = [
    "ACCOUNTS",
    "MOST_HOLDS",
    "Account",
    "AccountAlreadyExists",
    "AccountClosed",
    "AccountCommand",
    "AccountCreated",
    "AccountEvent",
    "AccountFrozen",
    "AccountIsClosed",
    "AccountIsFrozen",
    "AccountNotEmpty",
    "AccountNotFrozen",
    "AccountRefused",
    "AccountUnfrozen",
    "BalanceOutOfRange",
    "CaptureHold",
    "CloseAccount",
    "Closed",
    "CreateAccount",
    "CurrencyMismatch",
    "Decline",
    "Deposit",
    "Entry",
    "EntryAlreadyReversed",
    "EntryOfTransfer",
    "EntryRequest",
    "EntryReversed",
    "Existing",
    "ExpireHold",
    "FreezeAccount",
    "Frozen",
    "Hold",
    "HoldCaptured",
    "HoldEvent",
    "HoldExpired",
    "HoldIsOver",
    "HoldNotOver",
    "HoldPlaced",
    "HoldRefused",
    "HoldReleased",
    "HoldTooSmall",
    "InsufficientFunds",
    "Leg",
    "MoneyDeposited",
    "MoneyReceived",
    "MoneyReturned",
    "MoneySent",
    "MoneyWithdrawn",
    "Open",
    "OverdraftLimitChanged",
    "PlaceHold",
    "ReceiveMoney",
    "RecordEntry",
    "ReleaseHold",
    "ReturnMoney",
    "ReverseEntry",
    "SendMoney",
    "SetOverdraftLimit",
    "Standing",
    "StandingEvent",
    "State",
    "TooManyHolds",
    "TransferCommand",
    "TransferDeclined",
    "UnfreezeAccount",
    "UnknownAccount",
    "UnknownEntry",
    "UnknownHold",
    "Unopened",
    "Withdraw",
    "change",
    "decide",
    "effect_of",
    "evolve",
    "follow",
    "moved",
]

ACCOUNTS: Final[Decider[AccountCommand, Account, AccountEvent]] = Decider(
    category="account", initial=Unopened(), decide=decide, evolve=evolve, standing=Standing, follow=follow
)
