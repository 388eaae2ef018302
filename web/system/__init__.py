"""Routes about the server itself: health, static files, the API's description, problems, and the live stream."""

from typing import Final

from web.access import Noun
from web.live.sse import live
from web.system import files, health, pages, schema

SYSTEM: Final = Noun(
    public=(health.live, health.ready, files.static, schema.schema, schema.schema_json, pages.problem),
    teller=(live, pages.settled),
)
