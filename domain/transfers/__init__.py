"""A transfer of money from one account to another. Read it in this order:

events       what has happened
commands     what may be asked for, and what an account can answer
standing     follow(standing, event) -> standing: whether an event can be the next one
states       Unrequested | Requested | Debited | Declined | Credited | Completed | Refused | Refunded
decisions    decide(command, state) -> events, or a refusal
process      next_step(state) -> what an account is asked for next: the process manager
evolution    evolve(state, event) -> state
errors       the refusals
messages     their sentences

    requested -> debited -> credited, completed
        |           `-----> credit declined -> refunded
        `-> refused

The process manager asks the paying account to send the money, then the other one to receive it. Each account answers
in its own stream, once: it is asked by a command whose id is made from the transfer's. So whoever carries a transfer
on, and how often, comes to the same end (docs/adr/0032).
"""

from typing import Final

from domain.decider import Decider
from domain.transfers.commands import (
    Answer,
    NoAccount,
    RecordAnswer,
    RequestTransfer,
    Step,
    TransferCommand,
    step_of,
    transfer_id_of,
)
from domain.transfers.decisions import decide
from domain.transfers.errors import (
    AnswerOutOfOrder,
    TransferAlreadyReversed,
    TransferDenied,
    TransferExists,
    TransferNotCompleted,
    UnknownTransfer,
)
from domain.transfers.events import (
    CreditDeclined,
    TransferCompleted,
    TransferCredited,
    TransferDebited,
    TransferEvent,
    TransferRefunded,
    TransferRefused,
    TransferRequested,
)
from domain.transfers.evolution import evolve
from domain.transfers.process import AccountStep, next_step
from domain.transfers.standing import UNDER_WAY, Standing, State, follow
from domain.transfers.states import (
    Completed,
    Credited,
    Debited,
    Declined,
    Existing,
    Refunded,
    Refused,
    Requested,
    Transfer,
    Unrequested,
)

__all__ = [
    "TRANSFERS",
    "UNDER_WAY",
    "AccountStep",
    "Answer",
    "AnswerOutOfOrder",
    "Completed",
    "CreditDeclined",
    "Credited",
    "Debited",
    "Declined",
    "Existing",
    "NoAccount",
    "RecordAnswer",
    "Refunded",
    "Refused",
    "RequestTransfer",
    "Requested",
    "Standing",
    "State",
    "Step",
    "Transfer",
    "TransferAlreadyReversed",
    "TransferCommand",
    "TransferCompleted",
    "TransferCredited",
    "TransferDebited",
    "TransferDenied",
    "TransferEvent",
    "TransferExists",
    "TransferNotCompleted",
    "TransferRefunded",
    "TransferRefused",
    "TransferRequested",
    "UnknownTransfer",
    "Unrequested",
    "decide",
    "evolve",
    "follow",
    "next_step",
    "step_of",
    "transfer_id_of",
]

TRANSFERS: Final[Decider[TransferCommand, Transfer, TransferEvent]] = Decider(
    category="transfer", initial=Unrequested(), decide=decide, evolve=evolve, standing=Standing, follow=follow
)
