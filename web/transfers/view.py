"""Transfers as pages show them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final, assert_never
from uuid import UUID

import msgspec

from domain.quoting import shortened
from domain.transfers import Existing, Standing, UnknownTransfer
from domain.transfers import messages as on_transfers
from eventstore.store import StoreUnavailable
from projections.engine.reading import ReadModelMissing
from projections.readmodels import balances, transfers
from projections.readmodels.transfers import Step, Transfer
from web import messages_on_transfers as messages
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError
from web.http.rendering import PAGE_ROWS, Filters, TemplateContext
from web.services import Services
from web.transfers.answers import why

Holders = Mapping[str, str]
"""Account id -> user id, of accounts that somebody holds."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """`under_way` are shown on top, `count` is how many there are; `after` continues `others`."""

    under_way: tuple[Transfer, ...] = ()
    count: int = 0
    others: tuple[Transfer, ...] = ()
    after: str | None = None


def id_of(text: str) -> UUID:
    """From an address. Raises UnknownTransfer."""
    try:
        return UUID(text)
    except ValueError:
        raise UnknownTransfer(on_transfers.unknown_transfer(shortened(text))) from None


def is_id(text: str) -> bool:
    with suppress(ValueError):
        return str(UUID(text)) == text
    return False


async def one(services: Services, transfer_id: str) -> TemplateContext:
    """`transfer` is None while the read model does not have it; `asked` is then what the log knows of its request."""
    found, missing = None, False
    try:
        found = await transfers.transfer(services.redis, UUID(transfer_id))
    except ReadModelMissing:
        missing = True
    asked = None if found else await _asked(services, UUID(transfer_id))
    between = found or asked
    ids = (between.from_account, between.to_account) if between else ()
    return {
        "transfer": found,
        "asked": asked,
        "transfer_missing": missing,
        "transfer_id": transfer_id,
        "holders": await holders(services, ids),
    }


async def _asked(services: Services, transfer_id: UUID) -> Standing | None:
    with suppress(StoreUnavailable):
        found = await services.transfers.state(transfer_id)
        return found.standing if isinstance(found, Existing) else None
    return None


async def holders(services: Services, account_ids: Iterable[str]) -> Holders:
    """Empty while the read model of accounts is missing."""
    with suppress(ReadModelMissing):
        rows = await balances.several(services.redis, {*account_ids})
        return {name: row.holder for name, row in rows.items() if row.holder}
    return {}


async def listed(services: Services, state: str, account: str, after: str | None) -> TemplateContext:
    """`page` is None while the read model is missing. Raises BadInput."""
    page = None
    with suppress(ReadModelMissing):
        page = await _listed(services, state, account, after)
    shown = (*page.under_way, *page.others) if page else ()
    ids = (name for row in shown for name in (row.from_account, row.to_account))
    return {"page": page, "holders": await holders(services, ids)}


async def _listed(services: Services, state: str, account: str, after: str | None) -> Listed:
    """Without filters those under way are on top of the first page, and not in the list below it."""
    on_top, count = tuple[Transfer, ...](), 0
    if not (state or account or after):
        on_top, count = await transfers.under_way(services.redis, limit=PAGE_ROWS)
    try:
        found = await transfers.transfers(
            services.redis, state=state or None, account=account or None, after=after, limit=PAGE_ROWS
        )
    except ValueError as error:
        raise BadInput((FieldError("after", FieldCode.NOT_FROM_A_PAGE, str(error)),)) from error
    shown = {row.transfer_id for row in on_top}
    others = tuple(row for row in found.transfers if row.transfer_id not in shown)
    return Listed(under_way=on_top, count=count, others=others, after=found.after)


def step_words(step: Step, transfer: Transfer) -> str:
    match step.state:
        case "requested":
            return messages.REQUESTED
        case "debited":
            return messages.debited(transfer.from_account)
        case "credited":
            return messages.credited(transfer.to_account)
        case "completed":
            return messages.COMPLETED
        case "declined" | "refused":
            return why(transfer)
        case "refunded":
            return messages.refunded(transfer.from_account)
        case _:
            assert_never(step.state)


def next_words(transfer: Transfer) -> str:
    """What it is waiting for; "" at its end."""
    match transfer.steps[-1].state:
        case "requested":
            return messages.next_is_debit(transfer.from_account)
        case "debited":
            return messages.next_is_credit(transfer.to_account)
        case "declined":
            return messages.next_is_refund(transfer.from_account)
        case "credited" | "completed" | "refused" | "refunded":
            return ""
        case other:
            assert_never(other)


def leg_of(step: Step, transfer: Transfer) -> tuple[str, UUID] | None:
    """The account and the entry that the step is about; None if no money moved."""
    entries = {
        "debited": (transfer.from_account, transfer.debit),
        "credited": (transfer.to_account, transfer.credit),
        "refunded": (transfer.from_account, transfer.refund),
    }
    account_id, entry_id = entries.get(step.state, ("", None))
    return None if entry_id is None else (account_id, entry_id)


FILTERS: Final[Filters] = {"why": why, "step_words": step_words, "next_words": next_words, "leg_of": leg_of}
