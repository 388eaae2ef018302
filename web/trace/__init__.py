"""Traces: what led to what, as a page and in the API."""

from typing import Final

from web.access import Noun
from web.http.parameters import under_api
from web.trace.api import read_trace
from web.trace.pages import trace

TRACE: Final = Noun(auditor=(trace, under_api(read_trace)))
