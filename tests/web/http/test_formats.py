"""Formats of times on pages."""

import pytest

from eventstore.store import TICKS_PER_SECOND
from web.http.formats import lapse


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "+0 ms"),
        (0.0129, "+12 ms"),
        (-0.005, "−5 ms"),
        (0.9999, "+999 ms"),
        (1, "+1.00 s"),
        (59.994, "+59.99 s"),
        (60, "+1 min 0 s"),
        (3_599, "+59 min 59 s"),
        (3_600, "+1 h 0 min"),
        (86_399, "+23 h 59 min"),
        (90_000, "+1 d 1 h"),
    ],
)
def test_a_time_between_two_events_is_short(seconds: float, shown: str) -> None:
    assert lapse(round(seconds * TICKS_PER_SECOND)) == shown
