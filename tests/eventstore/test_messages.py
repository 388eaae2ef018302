import pytest

from eventstore import messages
from eventstore.personal import messages as personal
from tests.kit.messages import Message, assert_filled, messages_of


@pytest.mark.parametrize(
    "message", [*messages_of(messages), *messages_of(personal)], ids=lambda message: message.__name__
)
def test_a_message_shows_all_that_it_is_given(message: Message) -> None:
    assert_filled(message)
