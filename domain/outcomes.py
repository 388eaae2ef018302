"""Which events each command can lead to. A test decides every command in every kind of state and compares."""

from collections.abc import Mapping
from typing import Final

from domain.accounts import (
    AccountClosed,
    AccountCreated,
    AccountFrozen,
    AccountUnfrozen,
    CaptureHold,
    CloseAccount,
    CreateAccount,
    Deposit,
    EntryReversed,
    ExpireHold,
    FreezeAccount,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    MoneyDeposited,
    MoneyReceived,
    MoneyReturned,
    MoneySent,
    MoneyWithdrawn,
    OverdraftLimitChanged,
    PlaceHold,
    ReceiveMoney,
    RecordEntry,
    ReleaseHold,
    ReturnMoney,
    ReverseEntry,
    SendMoney,
    SetOverdraftLimit,
    TransferDeclined,
    UnfreezeAccount,
    Withdraw,
)
from domain.decider import Command, Event
from domain.imports import (
    EndImport,
    ImportBooked,
    ImportChecked,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
    RecordProgress,
    StartImport,
)
from domain.transfers import (
    CreditDeclined,
    RecordAnswer,
    RequestTransfer,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from domain.users import (
    AccountAdded,
    AccountRemoved,
    AddAccount,
    CreateUser,
    DeleteUser,
    RemoveAccount,
    UpdateUser,
    UserCreated,
    UserDeleted,
    UserUpdated,
)

OUTCOMES: Final[Mapping[type[Command], tuple[type[Event], ...]]] = {
    CreateAccount: (AccountCreated,),
    Deposit: (AccountCreated, MoneyDeposited),
    Withdraw: (MoneyWithdrawn,),
    RecordEntry: (AccountCreated, MoneyDeposited, MoneyWithdrawn),
    ReverseEntry: (EntryReversed,),
    PlaceHold: (HoldPlaced,),
    CaptureHold: (HoldCaptured,),
    ReleaseHold: (HoldReleased,),
    ExpireHold: (HoldExpired,),
    FreezeAccount: (AccountFrozen,),
    UnfreezeAccount: (AccountUnfrozen,),
    CloseAccount: (AccountClosed,),
    SetOverdraftLimit: (OverdraftLimitChanged,),
    SendMoney: (MoneySent, TransferDeclined),
    ReceiveMoney: (MoneyReceived, TransferDeclined),
    ReturnMoney: (MoneyReturned,),
    CreateUser: (UserCreated,),
    UpdateUser: (UserUpdated,),
    DeleteUser: (UserDeleted,),
    AddAccount: (AccountAdded,),
    RemoveAccount: (AccountRemoved,),
    RequestTransfer: (TransferRequested,),
    RecordAnswer: (
        TransferDebited,
        TransferRefused,
        TransferCredited,
        TransferCompleted,
        CreditDeclined,
        TransferRefunded,
    ),
    StartImport: (ImportStarted,),
    RecordProgress: (ImportProgressed,),
    EndImport: (ImportChecked, ImportBooked, ImportFailed),
}


def commands_to(event: type[Event]) -> tuple[str, ...]:
    """The names of the commands that can lead to `event`."""
    return tuple(command.__name__ for command, events in OUTCOMES.items() if event in events)
