"""Templates -> text. One environment for pages and live fragments: autoescaped, and strict about names."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.formats import FILTERS, is_low
from web.ticks import now

ROOT: Final = Path(__file__).parent.parent
TEMPLATES: Final = ROOT / "templates"


def environment(static: Mapping[str, str]) -> Environment:
    """`static` maps a file's name to its address."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= FILTERS
    made.tests["low"] = is_low
    made.globals["static"] = static.__getitem__
    made.globals["now_ticks"] = now
    return made


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
