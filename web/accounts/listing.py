"""The list of accounts, its filters, and the totals of all accounts."""

from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlencode

from domain.errors import DomainError
from domain.money import exponent, parse_amount
from projections.engine.reading import ReadModelMissing
from projections.readmodels import balances
from projections.readmodels.balances import AccountRow, Page, Wanted
from web import messages_on_accounts as messages
from web.accounts.holders import MOST_HOLDERS, UNSEARCHABLE, Held, held_by
from web.accounts.identifiers import is_account_id
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError, currency_code, ungrouped
from web.http.rendering import PAGE_ROWS, TemplateContext
from web.http.typed_amounts import with_point
from web.services import Services

LOW_UNITS: Final = 1_000
"""An account with a balance below this many whole units of its currency is marked as low."""


class Low:
    """The filter "balance below": as it was typed, and its value or what is wrong with it (`error`)."""

    def __init__(self, text: str, currency: str) -> None:
        self.text, self.currency, self.error = text, currency, ""
        self.below = 0
        try:
            self.currency = currency_code(currency)
            self.below = parse_amount(ungrouped(with_point(text)), self.currency)
        except DomainError as error:
            self.error = str(error)

    @property
    def query(self) -> dict[str, Any]:
        return {"balance_below": self.below, "currency": self.currency}


async def list_of(services: Services, wanted: Wanted, after: str | None, limit: int) -> Page:
    """Raises BadInput if `after` is not from a page of the same list."""
    try:
        return await balances.accounts(services.redis, wanted, after=after, limit=limit)
    except ValueError as error:
        raise BadInput((FieldError("after", FieldCode.NOT_FROM_A_PAGE, str(error)),)) from error


async def accounts(
    services: Services, *, low: Low | None = None, q: str = "", after: str | None = None
) -> TemplateContext:
    """The context of the list's fragments: `page` is None while its read model is missing; `note` says which accounts
    are not found by their holders' names.
    """
    page: Page | None = None
    held, note = await _held(services, q)
    wanted = Wanted(q=q, held=held.accounts, **(low.query if low else {}))
    with suppress(ReadModelMissing):
        page = await list_of(services, wanted, after, PAGE_ROWS)
    linked = {"balance_below": low.text, "currency": low.currency} if low else {"q": q} if q else {}
    return {
        "page": page,
        "low": low,
        "low_units": LOW_UNITS,
        "q": q,
        "note": note,
        "can_open": is_account_id(q),
        "later": after is not None,
        "next": "/?" + urlencode({**linked, "after": page.after}) if page and page.after else None,
        "first": "/?" + urlencode(linked) if linked else "/",
        "query": urlencode(linked),
    }


async def _held(services: Services, q: str) -> tuple[Held, str]:
    try:
        held = await held_by(services, q)
    except UNSEARCHABLE:
        return Held(), messages.HOLDERS_NOT_SEARCHED
    return held, "" if held.is_complete else messages.only_some_holders(MOST_HOLDERS)


async def totals(services: Services) -> TemplateContext:
    """`totals` is None while its read model is missing, so that no false zero is shown."""
    try:
        found = await balances.totals(services.redis)
    except ReadModelMissing:
        return {"totals": None, "balances": [], "in_flight": []}
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
