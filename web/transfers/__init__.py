"""Transfers between accounts: their pages, the same in the API, and the reversal of an entry, which may be that of a
transfer.
"""

from typing import Final

from web.access import Noun
from web.http.parameters import under_api
from web.transfers import api, exports, making, pages, reversal, reversing
from web.transfers.regions import REGIONS
from web.transfers.view import FILTERS

TRANSFERS: Final = Noun(
    teller=(
        pages.transfers,
        pages.transfer,
        making.transfer_form,
        making.request_transfer,
        reversing.reversal_form,
        reversing.reverse_transfer,
        *exports.routes(),
        under_api(api.request_transfer, api.list_transfers, api.read_transfer, reversal.reverse_entry),
    ),
    regions=REGIONS,
    filters=FILTERS,
)
