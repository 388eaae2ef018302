"""Characters that no note, reference, name or e-mail address holds, and those that look as if they were such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.text import cleaned
from domain import messages
from domain.errors import InvalidEmail, InvalidInput, InvalidName, InvalidNote, InvalidReference
from domain.marks import FLAGS, first_refused, name_of
from domain.notes import NOTE_LENGTH, check_note, check_reference
from domain.users.personal import parse_email, parse_name

CONTROLS = "\x00\x07\x09\x0a\x0d\x1b\x7f\x80\x85\x9f\u2028\u2029"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = "\u00ad\u180e\u200b\u2060\u2061\u2064\u206a\ufeff\ufff9\U000e0041\ud800\udfff"
TAKEN = [
    "می\u200cخواهم",
    "👨\u200d👩\u200d👧",
    "Rent\u00a0May",
    "e\u0301",
    "שלום",
    "\u0600١٢",
    "1\u202f000",
    *FLAGS,
]
TAGS = [FLAGS[0][:-1], FLAGS[0][1:], FLAGS[0].replace("\U0001f3f4", "a"), "\U0001f3f4\U000e0078\U000e007f"]


flagged = st.lists(st.sampled_from([*FLAGS, *FLAGS[0], "a", "\n"]), max_size=20).map("".join)


@pytest.mark.parametrize("mark", [*CONTROLS, *BIDI, *UNSEEN], ids=ascii)
@pytest.mark.parametrize("text", ["a{}b", "{}a", "a{}"])
def test_what_cannot_be_seen_is_refused_wherever_it_is(mark: str, text: str) -> None:
    said = messages.not_for_lines(name_of(mark))
    for check, refusal in (
        (check_note, InvalidNote),
        (check_reference, InvalidReference),
        (parse_name, InvalidName),
    ):
        with pytest.raises(refusal) as caught:
            check(text.format(mark))
        assert str(caught.value) == said
    with pytest.raises(InvalidEmail):
        parse_email(f"anna{mark}@example.com")


@pytest.mark.parametrize("text", TAKEN, ids=ascii)
def test_words_and_pictures_of_all_writings_are_taken(text: str) -> None:
    check_note(text)
    check_reference(text)
    assert parse_name(text) == text


@pytest.mark.parametrize(
    ("mark", "name"), [("\x00", "U+0000"), ("\u202e", "U+202E"), ("\U000e0041", "U+E0041")]
)
def test_a_refusal_names_the_character_as_unicode_does(mark: str, name: str) -> None:
    assert name_of(mark) == name


@pytest.mark.parametrize("text", TAGS, ids=ascii)
def test_tags_are_taken_only_in_the_flags_of_countries(text: str) -> None:
    """Elsewhere they would hide text."""
    for sent in (text, f"{FLAGS[1]}{text}", f"{text}{FLAGS[2]}"):
        with pytest.raises(InvalidNote):
            check_note(sent)
        assert not any(
            0xE0000 <= ord(mark) < 0xE0080
            for mark in cleaned(sent.replace(FLAGS[1], "").replace(FLAGS[2], ""))
        )


@given(st.text(alphabet=st.characters() | st.sampled_from(FLAGS[0]), max_size=NOTE_LENGTH) | flagged)
def test_an_import_leaves_exactly_what_a_note_may_hold(text: str) -> None:
    check_note(cleaned(text))
    try:
        check_note(text)
    except InvalidInput:
        assert cleaned(text) != text
    else:
        assert cleaned(text) == text.strip()


@given(st.characters())
def test_a_character_is_refused_in_every_text_or_in_none(mark: str) -> None:
    assert (first_refused(mark) is None) == (first_refused(f"a{mark}b") is None)
