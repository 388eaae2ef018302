"""Accounts: the first page, an account's page, the forms that book entries, lists as files, and the same in the API."""

from typing import Final

from web.access import Noun
from web.accounts import action_pages, api, entries, exports, pages
from web.accounts.booking import ROUTES, handler
from web.accounts.listing import is_low
from web.accounts.regions import REGIONS
from web.accounts.view import entry_kind, on_account, on_hold
from web.http.parameters import under_api

ACCOUNTS: Final = Noun(
    teller=(
        pages.dashboard,
        pages.search,
        pages.accounts,
        pages.account,
        pages.entry,
        pages.entries,
        entries.open_account,
        entries.book,
        *action_pages.routes(),
        *exports.routes(),
        under_api(*map(handler, ROUTES)),
        under_api(api.list_accounts, api.read_account, api.read_holds),
    ),
    auditor=(under_api(api.read_history, api.find_entries),),
    regions=REGIONS,
    filters={"entry_kind": entry_kind, "on_account": on_account, "on_hold": on_hold},
    tests={"low": is_low},
)
