"""The API's answers about transfers. Amounts are decimal strings."""

from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import msgspec

from commands.transfers import TransferReceipt
from domain.accounts import Decline
from domain.identifiers import AccountId
from domain.money import format_amount
from domain.transfers import Standing
from projections.readmodels.transfers import Transfer
from web.accounts.answers import StoppedAnswer
from web.http.formats import machine_time
from web.messages_on_transfers import declined, would_decline


class DeclinedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is stable: programs compare it. `detail` is a sentence for people."""

    code: Decline
    detail: str


class RequestedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer that was requested. Read models that have reached `position` show it.

    A dry run has `dry_run` instead of `position`, and `declined` if the receiving account would decline the money if it
    came now: then the paying account would get it back.
    """

    transfer_id: UUID
    state: str
    position: int | msgspec.UnsetType = msgspec.UNSET
    dry_run: bool | msgspec.UnsetType = msgspec.UNSET
    declined: DeclinedAnswer | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, receipt: TransferReceipt, *, dry_run: bool) -> Self:
        place: dict[str, Any] = {"dry_run": True} if dry_run else {"position": receipt.position}
        if dry_run and receipt.declined is not None:
            place["declined"] = _declined(receipt.declined, receipt.to_account)
        return cls(transfer_id=receipt.transfer_id, state="requested", **place)


def _declined(reason: Decline, account_id: AccountId) -> DeclinedAnswer:
    return DeclinedAnswer(code=reason, detail=would_decline(account_id, reason))


REQUESTED_EXAMPLE: Final = RequestedAnswer(
    transfer_id=UUID("3f2a3c1d-9a53-5d0a-8f6f-0c6c7a52e7a1"), state="requested", position=4711
)
"""Examples of answers."""
TRIED_EXAMPLE: Final = RequestedAnswer(
    transfer_id=REQUESTED_EXAMPLE.transfer_id,
    state="requested",
    dry_run=True,
    declined=_declined("account-frozen", AccountId("577")),
)


class LegAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the transfer, and the account that it is on."""

    entry_id: UUID
    account_id: str


class ListedTransferAnswer(
    msgspec.Struct, frozen=True, kw_only=True, rename={"from_account": "from", "to_account": "to"}
):
    """`state` is requested, debited, credited, completed, refused or refunded.

    `debit`, `credit` and `refund` are null until they are booked. `reason` is there if an account declined, and the
    same as a sentence in `detail`; if that was the receiving account, the transfer is debited until the money is back.
    `reverses` is the transfer that this one undoes, `reversed_by` the one that undoes it.
    """

    transfer_id: UUID
    state: str
    from_account: str
    to_account: str
    amount: str
    currency: str
    value_date: date
    note: str
    reference: str
    reason: Decline | msgspec.UnsetType = msgspec.UNSET
    detail: str | msgspec.UnsetType = msgspec.UNSET
    debit: LegAnswer | None
    credit: LegAnswer | None
    refund: LegAnswer | None
    reverses: UUID | None
    reversed_by: UUID | None
    requested: str
    changed: str
    revision: int
    position: int
    stopped: StoppedAnswer | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(
        cls,
        about: Standing | Transfer,
        *,
        transfer_id: UUID,
        reversed_by: UUID | None,
        requested: int,
        changed: int,
        revision: int,
        position: int,
    ) -> Self:
        """`requested` and `changed` are in 100 ns ticks since 1970 (UTC)."""
        more: dict[str, Any] = {}
        if about.reason is not None:
            more = {"reason": about.reason, "detail": why(about)}
        if isinstance(about, Transfer) and about.stopped:
            more["stopped"] = StoppedAnswer(about.stopped.revision, about.stopped.reason)
        return cls(
            transfer_id=transfer_id,
            state="debited" if about.state == "declined" else about.state,
            from_account=about.from_account,
            to_account=about.to_account,
            amount=format_amount(about.amount, about.currency),
            currency=about.currency,
            value_date=about.value_date,
            note=about.note,
            reference=about.reference,
            debit=_leg(about.debit, about.from_account),
            credit=_leg(about.credit, about.to_account),
            refund=_leg(about.refund, about.from_account),
            reverses=about.reverses,
            reversed_by=reversed_by,
            requested=machine_time(requested),
            changed=machine_time(changed),
            revision=revision,
            position=position,
            **more,
        )

    @classmethod
    def of_row(cls, row: Transfer) -> Self:
        return cls.of(
            row,
            transfer_id=row.transfer_id,
            reversed_by=row.reversed_by,
            requested=row.requested,
            changed=row.changed,
            revision=row.revision,
            position=row.position,
        )


class TransferAnswer(ListedTransferAnswer, frozen=True, kw_only=True):
    """`settling` says that the read models have not reached the requested position yet."""

    settling: bool


class TransfersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`after` continues the list; null at its end."""

    transfers: list[ListedTransferAnswer]
    after: str | None


def why(about: Standing | Transfer) -> str:
    """Which account declined, and why, in a sentence; "" if none did."""
    if about.reason is None:
        return ""
    return declined(about.from_account if about.state == "refused" else about.to_account, about.reason)


def _leg(entry_id: UUID | None, account_id: str) -> LegAnswer | None:
    return None if entry_id is None else LegAnswer(entry_id=entry_id, account_id=account_id)
