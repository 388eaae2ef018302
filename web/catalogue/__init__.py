"""The catalogue: a page about every event that the log may hold."""

from typing import Final

from web.access import Noun
from web.catalogue.pages import events
from web.catalogue.view import breakable, with_code

CATALOGUE: Final = Noun(auditor=(events,), filters={"breakable": breakable, "with_code": with_code})
