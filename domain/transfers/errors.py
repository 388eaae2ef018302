"""Refusals of the rules about transfers.

TransferDenied
├── UnknownTransfer            it was never requested
├── TransferExists             another command requested it
├── TransferNotCompleted       only a transfer that has arrived can be reversed
├── TransferAlreadyReversed    a transfer is reversed once
└── AnswerOutOfOrder           an account answers only what it was asked for
"""

from domain.errors import DomainError


class TransferDenied(DomainError):
    pass


class UnknownTransfer(TransferDenied):
    pass


class TransferExists(TransferDenied):
    pass


class TransferNotCompleted(TransferDenied):
    pass


class TransferAlreadyReversed(TransferDenied):
    pass


class AnswerOutOfOrder(TransferDenied):
    pass
