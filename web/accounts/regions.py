"""Live regions: the list of accounts, the totals, one account; and `changed`, for lists that reload themselves."""

from typing import Final

from projections.readmodels import balances, history
from projections.readmodels.balances import ROWS, STOPS
from projections.readmodels.history import ENTRIES
from web.accounts import listing, view
from web.accounts.identifiers import is_account_id
from web.accounts.view import AccountView
from web.http.rendering import TemplateContext
from web.live.batch import MANY, Batch
from web.live.regions import Partials, Region
from web.live.sse_text import replace, upsert
from web.services import Services


async def _accounts(services: Services, _: str) -> TemplateContext:
    return await listing.accounts(services)


async def _accounts_part(services: Services, _: str, batch: Batch) -> Partials | None:
    newest = batch.newest(ROWS)
    if len(newest) > MANY or batch.concerns(STOPS, ""):
        return None
    rows = await balances.changed(services.redis, list(newest.items()))
    return (upsert("accounts", services.render("accounts/_rows.html", accounts=rows, fresh=True)),)


async def _totals(services: Services, _: str) -> TemplateContext:
    return await listing.totals(services)


async def _account_part(services: Services, account_id: str, batch: Batch) -> Partials | None:
    row, added = batch.newest(ROWS).get(account_id), batch.all(ENTRIES, account_id)
    if row is None or len(added) > MANY or batch.concerns(STOPS, account_id):
        return None
    entries = tuple(history.entry_of(blob) for blob in reversed(added))
    if any(entry.reverses for entry in entries):
        return None  # the row of the entry that was undone changes too
    rows = await balances.changed(services.redis, [(account_id, row)])
    shown = AccountView(row=rows[-1], stopped=rows[-1].stopped, entries=entries)
    context = {"view": shown, "account_id": account_id, "fresh": True}
    head, holds = (services.render(f"accounts/{name}.html", **context) for name in ("_head", "_holds"))
    replaced = (replace("account-head", head), replace("holds", holds))
    if not entries:
        return replaced
    added_rows = services.render("accounts/_history_rows.html", entries=entries, **context)
    return (*replaced, upsert("history", added_rows))


REGIONS: Final = (
    Region(
        topic="accounts",
        channels=STOPS | {ROWS},
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
    Region(topic="changed", channels=STOPS | {ROWS}),
    Region(
        topic="account:",
        is_key=is_account_id,
        channels=STOPS | {ROWS, ENTRIES},
        fragments={
            "account-head": "accounts/_head.html",
            "holds": "accounts/_holds.html",
            "history": "accounts/_history_body.html",
            "history-pager": "accounts/_history_pager.html",
        },
        context=view.account,
        part=_account_part,
    ),
)
