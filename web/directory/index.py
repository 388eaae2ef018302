"""Names by the beginning of any of their words.

Case is ignored and accents count as they are typed: words are compared after NFKC and case folding. Two sorted lists of
text hold everything, which takes a third of the memory of an index made of sets.
"""

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

MOST_LOOKED_AT: Final = 20_000
"""How many names with a wanted word one search compares with its other words."""
PART: Final = 1_000
"""How many names are looked at in one go by a search for everybody."""

_PARTS: Final = re.compile(r"[^\w\s]+")
_END: Final = "\0"
"""Between a word and the id of a person; it sorts before every other mark, so a whole word comes first."""
_HIGHEST: Final = "\U0010ffff"


class Index:
    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        """`names` by user id."""
        self._names = dict(names or {})
        self._by_word = sorted(key for user, name in self._names.items() for key in _word_keys(user, name))
        self._by_name = sorted(_key(folded(name), user) for user, name in self._names.items())

    def __len__(self) -> int:
        return len(self._names)

    def name_of(self, user_id: str) -> str | None:
        return self._names.get(user_id)

    def put(self, user_id: str, name: str) -> None:
        self.remove(user_id)
        self._names[user_id] = name
        for key in _word_keys(user_id, name):
            insort(self._by_word, key)
        insort(self._by_name, _key(folded(name), user_id))

    def remove(self, user_id: str) -> None:
        name = self._names.pop(user_id, None)
        if name is not None:
            for key in _word_keys(user_id, name):
                _discard(self._by_word, key)
            _discard(self._by_name, _key(folded(name), user_id))

    def search(self, text: str, limit: int) -> list[str]:
        """User ids of names in which each word of `text` begins some word, whole words first; without words, by name.

        At most `limit`, among MOST_LOOKED_AT names with the rarest word.
        """
        keys, places, others = self._candidates(text)
        found: dict[str, None] = {}
        for user_id in self._with(others, (keys[place] for place in places[:MOST_LOOKED_AT])):
            if len(found) == limit:
                break
            found[user_id] = None
        return list(found)

    def search_all(self, text: str) -> Iterator[list[str]]:
        """As `search`, but everybody, in parts: for each, PART names are looked at. A person may come more than once.

        The index may change between two parts. Those who are removed are not found any more.
        """
        all_keys, places, others = self._candidates(text)
        keys = all_keys[places.start : places.stop]
        for start in range(0, len(keys), PART):
            yield list(self._with(others, keys[start : start + PART]))

    def _candidates(self, text: str) -> tuple[list[str], range, list[str]]:
        """Sorted keys, the places in them of those who have the rarest of the words, and the other words."""
        words = folded(text).split()
        if not words:
            return self._by_name, range(len(self._by_name)), []
        ranges = {word: _range(self._by_word, word) for word in words}
        rarest = min(words, key=lambda word: len(ranges[word]))
        return self._by_word, ranges[rarest], [word for word in words if word != rarest]

    def _with(self, words: Sequence[str], keys: Iterable[str]) -> Iterator[str]:
        """The people of `keys` in whose names each of `words` begins some word."""
        for user_id in map(_user_of, keys):
            name = self._names.get(user_id)
            if name is not None and all(_begins(word, name) for word in words):
                yield user_id


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words_of(name: str) -> set[str]:
    """Between spaces, and also between other marks: of O'Brien-Smith these are o'brien-smith, o, brien and smith."""
    text = folded(name)
    return {*text.split(), *_PARTS.sub(" ", text).split()}


def _begins(word: str, name: str) -> bool:
    return any(each.startswith(word) for each in words_of(name))


def _word_keys(user_id: str, name: str) -> list[str]:
    return [_key(word, user_id) for word in words_of(name)]


def _key(text: str, user_id: str) -> str:
    return f"{text}{_END}{user_id}"


def _user_of(key: str) -> str:
    return key.rpartition(_END)[2]


def _range(keys: Sequence[str], word: str) -> range:
    """The places of the keys that begin with `word`."""
    return range(bisect_left(keys, word), bisect_left(keys, word + _HIGHEST))


def _discard(keys: list[str], key: str) -> None:
    place = bisect_left(keys, key)
    if place < len(keys) and keys[place] == key:
        del keys[place]
