"""Live regions: the list of accounts, the totals, one account; and `changed`, for lists that reload themselves."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from projections.engine.changes import Value
from projections.readmodels import balances, history
from projections.readmodels.balances import ROWS, STOPS, TOTALS, AccountRow
from projections.readmodels.history import ENTRIES, Entry
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
    rows = await _changed(services, list(newest.items()))
    return (upsert("accounts", services.render("accounts/_rows.html", accounts=rows, fresh=True)),)


async def _changed(services: Services, values: Sequence[Value]) -> tuple[AccountRow, ...]:
    return await balances.changed(services.redis, values, is_any_stopped=not services.status.was_well())


async def _totals(services: Services, _: str) -> TemplateContext:
    return await listing.totals(services)


def _totals_told(services: Services, batch: Batch) -> TemplateContext | None:
    """None if there are too many currencies, or the projector is of an earlier release."""
    newest = batch.newest(TOTALS).get("")
    return None if newest is None else listing.totals_shown(services, balances.changed_totals(newest))


async def _account_part(services: Services, account_id: str, batch: Batch) -> Partials | None:
    row, added = batch.newest(ROWS).get(account_id), batch.all(ENTRIES, account_id)
    if row is None or len(added) > MANY or batch.concerns(STOPS, account_id):
        return None
    entries = tuple(history.entry_of(blob) for blob in reversed(added))
    undone = {entry.reverses for entry in entries if entry.reverses}
    if undone:
        return await _with_reversals(services, account_id, entries, undone)
    rows = await _changed(services, [(account_id, row)])
    shown = AccountView(row=rows[-1], stopped=rows[-1].stopped, entries=entries)
    return _parts(services, {"view": shown, "account_id": account_id}, entries)


async def _with_reversals(
    services: Services, account_id: str, added: Sequence[Entry], undone: Collection[UUID]
) -> Partials:
    """The rows of the entries that were undone change too, as far as the newest page has them."""
    context = await view.account(services, account_id)
    changed = [entry for entry in context["view"].entries if entry.entry_id in undone and entry not in added]
    return (*_parts(services, context, added), *_rows(services, context, changed, fresh=False))


def _parts(services: Services, context: TemplateContext, added: Sequence[Entry]) -> Partials:
    head, holds = (services.render(f"accounts/{name}.html", **context) for name in ("_head", "_holds"))
    rows = _rows(services, context, added, fresh=True)
    return (replace("account-head", head), replace("holds", holds), *rows)


def _rows(services: Services, context: TemplateContext, entries: Sequence[Entry], *, fresh: bool) -> Partials:
    if not entries:
        return ()
    rows = services.render("accounts/_history_rows.html", **context, entries=entries, fresh=fresh)
    return (upsert("history", rows),)


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
        channels=frozenset({ROWS, TOTALS}),
        fragments={"figures": "accounts/_figures.html", "accounts-count": "accounts/_count.html"},
        context=_totals,
        told=_totals_told,
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
