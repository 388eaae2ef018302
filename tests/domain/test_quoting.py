"""What a refusal repeats of an input."""

from hypothesis import given
from hypothesis import strategies as st

from domain.quoting import LONGEST, quoted, shortened


@given(st.text(max_size=3 * LONGEST))
def test_a_refusal_repeats_at_most_80_characters_and_says_that_there_were_more(text: str) -> None:
    shown = shortened(text)
    assert len(shown) <= LONGEST == 80
    assert shown == text if len(text) <= LONGEST else shown == text[:79] + "…"


@given(st.text())
def test_a_quoted_input_can_be_printed_and_gives_itself_back(text: str) -> None:
    said = quoted(text)
    assert said.isprintable()
    assert said[0] == said[-1] in ("'", '"')
