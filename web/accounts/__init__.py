"""Accounts: the first page, an account's page, the forms that book entries, and the same in the API."""

from typing import Final

from web.access import Noun
from web.accounts import api, entries, pages
from web.accounts.listing import is_low
from web.accounts.regions import REGIONS
from web.accounts.view import entry_kind
from web.http.parameters import under_api

ACCOUNTS: Final = Noun(
    teller=(
        pages.dashboard,
        pages.search,
        pages.accounts,
        pages.account,
        pages.entries,
        entries.open_account,
        entries.book,
        under_api(
            api.open_account,
            api.deposit,
            api.withdraw,
            api.list_accounts,
            api.read_account,
        ),
    ),
    auditor=(under_api(api.read_history),),
    regions=REGIONS,
    filters={"entry_kind": entry_kind},
    tests={"low": is_low},
)
