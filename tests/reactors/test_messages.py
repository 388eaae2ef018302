import pytest

from reactors import messages
from tests.kit.messages import Message, assert_filled, messages_of


@pytest.mark.parametrize("message", messages_of(messages), ids=lambda message: message.__name__)
def test_a_message_shows_all_that_it_is_given(message: Message) -> None:
    assert_filled(message)
