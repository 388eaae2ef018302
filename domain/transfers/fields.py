"""Types of fields of transfer events, with what they mean: for the catalogue, at no cost when an event is read."""

from typing import Annotated
from uuid import UUID

import msgspec

from domain.identifiers import AccountId

Id = Annotated[UUID, msgspec.Meta(description="the id of the transfer")]
From = Annotated[AccountId, msgspec.Meta(description="the id of the account that pays")]
To = Annotated[AccountId, msgspec.Meta(description="the id of the account that is paid")]
RequestedBy = Annotated[
    UUID, msgspec.Meta(description="the id of the command's effect: UUIDv5 of command id and transfer id")
]
OnlyAt = Annotated[
    int | None,
    msgspec.Meta(
        description="the paying account is debited only at this revision of its stream; null: at any"
    ),
]
Reverses = Annotated[
    UUID | None, msgspec.Meta(description="the id of the transfer that this one undoes; null: none")
]
LegId = Annotated[UUID, msgspec.Meta(description="the id of the entry on the account")]
