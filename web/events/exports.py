"""The feed as a file: the newest events, as many as the read model keeps. See web.http.exports."""

from typing import Final, Self
from uuid import UUID

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from domain.money import format_amount
from projections.readmodels import feed
from projections.readmodels.feed import Item
from web.events.feed import holders_of
from web.http.exports import FORMATS, TOGETHER, Export, Format, Rows, answer
from web.http.formats import machine_time
from web.services import Services


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is signed, and null if no money moved; `figure` is the amount that such an event is about.

    `user_id` holds the account now. What an event does not have is null.
    """

    position: int
    recorded: str
    type: str
    account_id: str
    user_id: str | None
    amount: str | None
    figure: str | None
    currency: str
    note: str
    entry_id: UUID | None
    transfer_id: UUID | None
    other_account: str | None
    actor: str
    event_id: str
    stream: str
    revision: int

    @classmethod
    def of(cls, item: Item, user_id: str | None) -> Self:
        return cls(
            position=item.position,
            recorded=machine_time(item.booked),
            type=item.type,
            account_id=item.account_id,
            user_id=user_id,
            amount=_decimal(item.amount, item.currency),
            figure=_decimal(item.figure, item.currency),
            currency=item.currency,
            note=item.note,
            entry_id=item.entry_id,
            transfer_id=item.transfer_id,
            other_account=item.other or None,
            actor=item.actor,
            event_id=item.event_id,
            stream=item.stream,
            revision=item.revision,
        )


_FEED: Final = Export(name="events", row=FeedItem)


def routes() -> list[HTTPRouteHandler]:
    return [_route(form) for form in FORMATS]


def _route(form: Format) -> HTTPRouteHandler:
    async def export(services: Services) -> Stream:
        return await answer(_FEED, form, _rows(services), "daybook-feed")

    return get(f"/feed.{form}", include_in_schema=False)(export)


async def _rows(services: Services) -> Rows:
    before: int | None = None
    while found := await feed.newest(services.redis, before=before, limit=TOGETHER):
        holders = await holders_of(services, found)
        yield [FeedItem.of(item, holders.get(item.account_id)) for item in found]
        before = found[-1].position


def _decimal(minor: int | None, currency: str) -> str | None:
    return None if minor is None else format_amount(minor, currency)
