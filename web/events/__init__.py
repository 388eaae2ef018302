"""Events: the feed of the newest ones, and the log itself in the API."""

from typing import Final

from web.access import Noun
from web.events.api import read_events
from web.events.feed import FEED, kind, towards
from web.http.parameters import under_api

EVENTS: Final = Noun(
    auditor=(under_api(read_events),), regions=(FEED,), filters={"kind": kind, "towards": towards}
)
