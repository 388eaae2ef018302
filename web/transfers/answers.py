"""The API's answers about transfers. Amounts are decimal strings."""

from typing import Any, Final, Self
from uuid import UUID

import msgspec

from commands.transfers import TransferReceipt
from domain.accounts import Decline
from domain.identifiers import AccountId
from web.messages_on_transfers import would_decline


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
