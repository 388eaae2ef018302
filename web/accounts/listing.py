"""The list of accounts, its filters, and the totals of all accounts."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace

from domain.money import exponent, parse_amount
from projections.engine.reading import ReadModelMissing
from projections.readmodels import balances
from projections.readmodels.balances import ALL, AccountRow, Page, Totals, Wanted
from web import messages_on_accounts as messages
from web.accounts.holders import MOST_HOLDERS, UNSEARCHABLE, Held, held_by
from web.accounts.identifiers import is_account_id
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError, Fields, currency_code, ungrouped
from web.http.rendering import PAGE_ROWS, TemplateContext
from web.http.typed_amounts import with_point
from web.services import Services

LOW_UNITS: Final = 1_000
"""An account with a balance below this many whole units of its currency is marked as low."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """By balance and currency, as it was typed on a page: what it selects, or what is wrong with it (`error`)."""

    text: str
    currency: str
    wanted: Wanted = ALL
    error: str = ""

    @property
    def linked(self) -> dict[str, str]:
        """The parameters of an address that has it."""
        below = {"balance_below": self.text} if self.text else {}
        return below | {"currency": self.currency}


def typed_filter(services: Services, balance_below: str | None, currency: str | None) -> Filter | None:
    """None if both are absent or empty. The currency of an amount without one is that of new accounts."""
    if not (balance_below or currency):
        return None
    typed = Filter(text=balance_below or "", currency=currency or services.currency)
    try:
        wanted = wanted_of(services, balance_below, currency, typed_amount)
    except BadInput as error:
        return replace(typed, error=" ".join(each.detail for each in error.errors))
    return replace(typed, currency=wanted.currency or typed.currency, wanted=wanted)


def wanted_of(
    services: Services, balance_below: str | None, currency: str | None, parse: Callable[[str, str], int]
) -> Wanted:
    """The filters by balance and currency. `parse(text, currency)` gives minor units. Raises BadInput."""
    fields = Fields({"balance_below": balance_below, "currency": currency})
    code = fields.read("currency", currency_code, None) or (services.currency if balance_below else None)
    below = fields.read("balance_below", lambda text: parse(text, code or services.currency), None)
    fields.check()
    return Wanted(balance_below=below, currency=code)


def typed_amount(text: str, currency: str) -> int:
    """In minor units. Raises InvalidAmount."""
    return parse_amount(ungrouped(with_point(text)), currency)


async def list_of(services: Services, wanted: Wanted, after: str | None, limit: int) -> Page:
    """Raises BadInput if `after` is not from a page of the same list."""
    try:
        return await balances.accounts(services.redis, wanted, after=after, limit=limit)
    except ValueError as error:
        raise BadInput((FieldError("after", FieldCode.NOT_FROM_A_PAGE, str(error)),)) from error


async def accounts(
    services: Services, *, chosen: Filter | None = None, q: str = "", after: str | None = None
) -> TemplateContext:
    """The context of the list's fragments: `page` is None while its read model is missing; `note` says which accounts
    are not found by their holders' names.
    """
    held, note = await _held(services, q)
    is_readable = chosen is None or not chosen.error
    wanted = replace(chosen.wanted if chosen else ALL, q=q, held=held.accounts)
    page = await _page(services, wanted, after) if is_readable else Page(accounts=(), after=None)
    linked = {"q": q} if q else {}
    linked |= chosen.linked if chosen else {}
    return {
        "page": page,
        "chosen": chosen,
        "low_units": LOW_UNITS,
        "q": q,
        "note": note,
        "can_open": is_account_id(q),
        "later": after is not None,
        "next": "/?" + urlencode({**linked, "after": page.after}) if page and page.after else None,
        "first": "/?" + urlencode(linked) if linked else "/",
        "query": urlencode(linked),
    }


async def _page(services: Services, wanted: Wanted, after: str | None) -> Page | None:
    with suppress(ReadModelMissing):
        return await list_of(services, wanted, after, PAGE_ROWS)
    return None


async def _held(services: Services, q: str) -> tuple[Held, str]:
    try:
        held = await held_by(services, q)
    except UNSEARCHABLE:
        return Held(), messages.HOLDERS_NOT_SEARCHED
    return held, "" if held.is_complete else messages.only_some_holders(MOST_HOLDERS)


async def totals(services: Services) -> TemplateContext:
    """`totals` is None while its read model is missing, so that no false zero is shown."""
    try:
        return totals_shown(services, await balances.totals(services.redis))
    except ReadModelMissing:
        return {"totals": None, "balances": [], "in_flight": []}


def totals_shown(services: Services, found: Totals) -> TemplateContext:
    flying = {currency: minor for currency, minor in found.in_flight.items() if minor}
    return {
        "totals": found,
        "balances": by_weight(found.balances, services.currency) or [(services.currency, 0)],
        "in_flight": by_weight(flying, services.currency),
    }


def by_weight(sums: dict[str, int], first: str) -> list[tuple[str, int]]:
    """Currencies with the sum of balances in each: `first`, then the others by name."""
    return sorted(sums.items(), key=lambda item: (item[0] != first, item[0]))


def is_low(row: AccountRow) -> bool:
    return row.balance < LOW_UNITS * int(10 ** exponent(row.currency))
