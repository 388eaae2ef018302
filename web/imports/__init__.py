"""Imports of bank files: their pages, and the same in the API."""

from typing import Final

from web.access import Noun
from web.http.parameters import under_api
from web.imports import api, exports, pages, sending, starting
from web.imports.regions import REGIONS
from web.imports.view import FILTERS, TESTS

IMPORTS: Final = Noun(
    teller=(
        pages.imports,
        pages.one_import,
        sending.send_file,
        starting.start_again,
        *exports.routes(),
        under_api(api.list_imports, api.read_import),
    ),
    regions=REGIONS,
    filters=FILTERS,
    tests=TESTS,
)
