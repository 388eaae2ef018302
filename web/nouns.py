"""The registry of nouns. A new noun is a folder and a line here."""

from typing import Final

from web.accounts import ACCOUNTS
from web.catalogue import CATALOGUE
from web.events import EVENTS
from web.imports import IMPORTS
from web.projections import PROJECTIONS
from web.system import SYSTEM
from web.trace import TRACE
from web.transfers import TRANSFERS
from web.users import USERS

NOUNS: Final = (ACCOUNTS, USERS, TRANSFERS, IMPORTS, CATALOGUE, EVENTS, PROJECTIONS, TRACE, SYSTEM)
REGIONS: Final = tuple(region for noun in NOUNS for region in noun.regions)
