"""Live regions: the list of accounts, the totals, one account; and `changed`, for lists that read themselves again."""

from typing import Final

from projections.models import AccountRow, HistoryEntry
from web.accounts import listing, view
from web.accounts.identifiers import is_account_id
from web.accounts.view import AccountView
from web.http.rendering import TemplateContext
from web.live.batch import MANY, Batch
from web.live.messages import replace, upsert
from web.live.regions import Partials, Region
from web.live.tail import ENTRIES, ROWS
from web.services import Services


async def _accounts(services: Services, _: str) -> TemplateContext:
    return await listing.accounts(services)


async def _accounts_part(services: Services, _: str, batch: Batch) -> Partials | None:
    rows: list[AccountRow] = list(batch.newest(ROWS).values())
    if len(rows) > MANY:
        return None
    return (upsert("accounts", services.render("accounts/_rows.html", accounts=rows, fresh=True)),)


async def _totals(services: Services, _: str) -> TemplateContext:
    return await listing.totals(services)


async def _account_part(services: Services, account_id: str, batch: Batch) -> Partials | None:
    rows: list[AccountRow] = batch.all(ROWS, account_id)
    entries: list[HistoryEntry] = batch.all(ENTRIES, account_id)[::-1]
    if not rows or len(entries) > MANY:
        return None
    shown = AccountView(row=rows[-1], entries=tuple(entries))
    head = services.render("accounts/_head.html", view=shown, account_id=account_id)
    if not entries:
        return (replace("account-head", head),)
    history = services.render("accounts/_history_rows.html", entries=entries, fresh=True)
    return replace("account-head", head), upsert("history", history)


REGIONS: Final = (
    Region(
        topic="accounts",
        channels=frozenset({ROWS}),
        fragments={"accounts": "accounts/_body.html", "accounts-pager": "accounts/_pager.html"},
        context=_accounts,
        part=_accounts_part,
    ),
    Region(
        topic="totals",
        channels=frozenset({ROWS}),
        fragments={"figures": "accounts/_figures.html", "accounts-count": "accounts/_count.html"},
        context=_totals,
    ),
    Region(topic="changed", channels=frozenset({ROWS})),
    Region(
        topic="account:",
        is_key=is_account_id,
        channels=frozenset({ROWS, ENTRIES}),
        fragments={
            "account-head": "accounts/_head.html",
            "history": "accounts/_history_body.html",
            "history-pager": "accounts/_history_pager.html",
        },
        context=view.account,
        part=_account_part,
    ),
)
