"""Projections: the state of the read models, on every page and in the API."""

from typing import Final

from web.access import Noun
from web.http.parameters import under_api
from web.projections.api import read_projections
from web.projections.regions import STATUS

PROJECTIONS: Final = Noun(operator=(under_api(read_projections),), regions=(STATUS,))
