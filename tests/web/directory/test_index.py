from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.directory.index import PART, Index, folded, words_of

PEOPLE = {
    "1": "Anna Nováková",
    "2": "Hanna Nová",
    "3": "Anna-Marie O'Brien",
    "4": "STRASSE Weiß",
    "5": "ﬁnn Ｍüller",
    "6": "Anna Anna",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("anna", {"1", "3", "6"}),
        ("ANNA nov", {"1"}),
        ("nov ann", {"1"}),
        ("nová", {"1", "2"}),
        ("nova", set()),
        ("marie", {"3"}),
        ("anna-m", {"3"}),
        ("o'br", {"3"}),
        ("brien", {"3"}),
        ("straß weiss", {"4"}),
        ("FINN müll", {"5"}),
        ("nna", set()),
        ("anna x", set()),
        ("1", set()),
        ("\0", set()),
    ],
)
def test_each_word_begins_some_word_of_the_name(text: str, found: set[str]) -> None:
    assert set(Index(PEOPLE).search(text, 10)) == found


def test_a_whole_word_comes_before_longer_ones() -> None:
    assert Index({"a": "Novák", "b": "Nov"}).search("nov", 10) == ["b", "a"]


def test_at_most_as_many_as_wanted_are_found_each_once() -> None:
    index = Index({**PEOPLE, "7": "Anna Annas"})
    assert len(index.search("ann", 2)) == 2
    assert sorted(index.search("ann", 10)) == ["1", "3", "6", "7"]


def test_everybody_is_found_in_parts_without_those_who_are_removed_meanwhile() -> None:
    everybody = sorted(str(number) for number in range(2 * PART))
    index = Index(dict.fromkeys(everybody, "Anna"))
    parts = index.search_all("ann")
    assert next(parts) == everybody[:PART]
    index.remove(everybody[-1])
    assert list(parts) == [everybody[PART:-1]]


def test_without_words_people_come_by_name() -> None:
    assert Index(PEOPLE).search(" ", 3) == ["6", "1", "3"]


def test_a_changed_name_is_found_only_under_the_new_one() -> None:
    index = Index(PEOPLE)
    index.put("1", "Eva")
    assert index.search("eva", 10) == ["1"]
    assert "1" not in index.search("nov", 10)
    assert (index.name_of("1"), len(index)) == ("Eva", len(PEOPLE))


NAMES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.text("aAb -ß'", max_size=8), max_size=8)


@given(NAMES, NAMES, st.sets(st.text("abc", min_size=1, max_size=3)), st.text("ab ß", max_size=3))
def test_an_index_that_changed_is_as_a_fresh_one_and_finds_what_a_plain_search_finds(
    first: dict[str, str], later: dict[str, str], removed: set[str], text: str
) -> None:
    index = Index(first)
    for user_id, name in later.items():
        index.put(user_id, name)
    for user_id in removed:
        index.remove(user_id)
    now = {user_id: name for user_id, name in (first | later).items() if user_id not in removed}
    assert vars(index) == vars(Index(now))
    wanted = folded(text).split()
    plain = {
        user_id
        for user_id, name in now.items()
        if all(any(each.startswith(word) for each in words_of(name)) for word in wanted)
    }
    assert set(index.search(text, 100)) == plain
    assert list(dict.fromkeys(chain(*index.search_all(text)))) == index.search(text, 100)
