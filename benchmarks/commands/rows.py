"""One shape for all rows of the table."""

from collections.abc import Mapping, Sequence
from itertools import starmap
from operator import truediv

from benchmarks.kit import spread

Row = Mapping[str, object]


def row(what: str, values: Sequence[float], unit: str, target: str = "") -> Row:
    """`values` are those of all runs."""
    figures = {name: rounded(value) for name, value in spread(values).items()}
    return {"what": what, **figures, "unit": unit, "target": target}


def ratio(what: str, ours: Sequence[float], theirs: Sequence[float], target: str = "") -> Row:
    """Of each run of ours to the run of theirs that followed it."""
    return row(what, list(starmap(truediv, zip(ours, theirs, strict=True))), "times", target)


def rounded(value: float) -> float:
    """To three significant digits below 100, to whole numbers from there on."""
    return round(value) if value >= 100 else float(f"{value:.3g}")
