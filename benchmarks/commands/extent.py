"""How much is measured. Environment variables make it less, for a first look and for the test of the benchmark."""

import os
import sys
from typing import NamedTuple


class Extent(NamedTuple):
    """`runs` are those of each measurement, each of which takes `seconds`.

    `entries` is the length of a long history; `clients` are live pages; `rate` is how many commands they get a second.
    """

    runs: int = 5
    seconds: int = 10
    entries: int = 100_000
    clients: int = 100
    rate: int = 100


def extent() -> Extent:
    """DAYBOOK_RUNS and so on; the default for each that is not set."""
    named = {name: os.environ.get(f"DAYBOOK_{name.upper()}") for name in Extent._fields}
    return Extent(**{name: int(value) for name, value in named.items() if value})


def progress(what: str, run: int, runs: int) -> None:
    print(f"{what}: run {run + 1} of {runs}", file=sys.stderr, flush=True)
