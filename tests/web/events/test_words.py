"""Pages have words for every event of the vocabulary, so that none is shown by its wire name."""

from domain.accounts import ACCOUNTS
from domain.vocabulary import VOCABULARY
from projections.readmodels.history import TYPES
from web.accounts.view import entry_kind
from web.events.feed import kind


def test_the_feed_has_words_for_every_event_of_accounts() -> None:
    names = [each.name for each in VOCABULARY if each.category == ACCOUNTS.category]
    assert [name for name in names if name in " ".join(kind(name))] == []


def test_the_history_has_a_word_for_every_entry() -> None:
    assert [name for name in TYPES if name == entry_kind(name)] == []
