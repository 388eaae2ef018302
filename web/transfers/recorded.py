"""A transfer as the log has it: for answers before a read model has it, or without one."""

from uuid import UUID

from commands.transfers import Transfers
from domain.transfers import TRANSFERS, Existing
from eventstore.store import EventStore
from web.transfers.answers import ListedTransferAnswer


async def recorded(store: EventStore, transfers: Transfers, transfer_id: UUID) -> ListedTransferAnswer | None:
    """None: the transfer does not exist. Raises StoreError."""
    events = await store.read_stream(TRANSFERS.stream(str(transfer_id)))
    transfer = await transfers.state(transfer_id)
    if not isinstance(transfer, Existing) or not events:
        return None
    return ListedTransferAnswer.of(
        transfer.standing,
        transfer_id=transfer_id,
        reversed_by=await transfers.reversed_by(transfer_id),
        requested=events[0].created,
        changed=events[-1].created,
        revision=events[-1].revision,
        position=events[-1].position,
    )
