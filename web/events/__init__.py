"""Events: the feed of the newest ones with its page, and the log itself in the API."""

from typing import Final

from web.access import Noun
from web.events import exports, pages
from web.events.api import read_events
from web.events.feed import FEED, FEED_PAGE, kind, towards
from web.http.parameters import under_api

EVENTS: Final = Noun(
    teller=(pages.feed, *exports.routes()),
    auditor=(under_api(read_events),),
    regions=(FEED, FEED_PAGE),
    filters={"kind": kind, "towards": towards},
)
