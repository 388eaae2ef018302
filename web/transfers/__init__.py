"""Transfers between accounts in the API, and the reversal of an entry, which may be that of a transfer."""

from typing import Final

from web.access import Noun
from web.http.parameters import under_api
from web.transfers import api, reversal

TRANSFERS: Final = Noun(
    teller=(under_api(api.request_transfer, api.read_transfer, api.list_transfers, reversal.reverse_entry),)
)
