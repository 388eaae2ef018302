import pytest

from domain import messages
from domain.imports import messages as about_imports
from domain.transfers import messages as about_transfers
from domain.users import messages as about_people
from tests.kit.messages import Message, assert_filled, messages_of


@pytest.mark.parametrize(
    "message",
    [
        message
        for module in (messages, about_people, about_transfers, about_imports)
        for message in messages_of(module)
    ],
    ids=lambda message: f"{message.__module__}.{message.__name__}",
)
def test_a_message_shows_all_that_it_is_given(message: Message) -> None:
    assert_filled(message)
