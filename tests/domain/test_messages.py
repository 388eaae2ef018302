import pytest

from domain import messages
from domain.users import messages as about_people
from tests.kit.messages import Message, assert_filled, messages_of


@pytest.mark.parametrize(
    "message",
    [*messages_of(messages), *messages_of(about_people)],
    ids=lambda message: f"{message.__module__}.{message.__name__}",
)
def test_a_message_shows_all_that_it_is_given(message: Message) -> None:
    assert_filled(message)
