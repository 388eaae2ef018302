"""Templates -> text. One environment for pages and live fragments, with autoescaping; unknown names are errors."""

from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType
from litestar.response import Template
from markupsafe import Markup

from domain.notes import NOTE_LENGTH
from domain.quoting import shortened
from web.http import formats

ROOT: Final = Path(__file__).parents[2]
TEMPLATES: Final = ROOT / "templates"
PAGE_ROWS: Final = 50
"""Rows of a table on one page, and by default the entries of a list in one answer of the API."""
FEED_ITEMS: Final = 30
FEED_PAGE_ITEMS: Final = 100
"""Of the feed on its own page."""
BEAT_SECONDS: Final = 10.0
"""The longest time between two heartbeats of the live updates."""
MOST_TOPICS: Final = 32
"""How many topics a connection for live updates may have: those of all windows of a browser."""

_ISOLATED: Final = Markup("<bdi>{}</bdi>")
_WAS: Final = Markup('<span class="was">was</span>')
"""Shown before figures while nobody knows whether they are still true."""

TemplateContext = dict[str, Any]
Filters = Mapping[str, Callable[..., Any]]


class _Environment(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dictionary. With Jinja's chain of them a small fragment takes 1.3 times as long.

        So globals that are set after a template was loaded do not concern it.
        """
        return {**self.globals, **(d or {})}


def environment(static: Mapping[str, str], filters: Filters, tests: Filters) -> Environment:
    """`static` maps a file's name to its address; `filters` and `tests` come from the nouns."""
    made = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # no template is ever dropped
    )
    made.filters |= {**formats.FILTERS, "bdi": bdi, "shortened": shortened, **filters}
    made.tests |= tests
    made.globals |= {
        "static": static.__getitem__,
        "now_ticks": formats.now,
        "reload_id": "",
        "name_of": lambda user_id: None,
        "was": _WAS,
        "page_rows": PAGE_ROWS,
        "beat_seconds": BEAT_SECONDS,
        "most_topics": MOST_TOPICS,
        "note_length": NOTE_LENGTH,
    }
    return made


def bdi(text: str) -> Markup:
    """What a person typed, so that its direction of writing does not change what is around it."""
    return _ISOLATED.format(text) if text else Markup()


def page(
    template: str, context: TemplateContext, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Template:
    """An HTML answer that caches must not keep."""
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return Template(template, context=context, status_code=status, headers=sent, media_type=MediaType.HTML)
