import pytest

from app.messages import accounts, importing, people, running, transfers, verbs
from tests.kit.messages import Message, assert_filled, messages_of


@pytest.mark.parametrize(
    "message",
    [
        message
        for module in (accounts, importing, people, running, transfers, verbs)
        for message in messages_of(module)
    ],
    ids=lambda message: f"{message.__module__.rpartition('.')[2]}.{message.__name__}",
)
def test_a_message_shows_all_that_it_is_given(message: Message) -> None:
    assert_filled(message)
