import pytest

from tests.kit.messages import Message, assert_filled, messages_of
from web import (
    messages,
    messages_on_accounts,
    messages_on_connections,
    messages_on_imports,
    messages_on_input,
    messages_on_people,
    messages_on_traces,
    messages_on_transfers,
)

MODULES = (
    messages,
    messages_on_accounts,
    messages_on_connections,
    messages_on_imports,
    messages_on_input,
    messages_on_people,
    messages_on_traces,
    messages_on_transfers,
)


@pytest.mark.parametrize(
    "message",
    [message for module in MODULES for message in messages_of(module)],
    ids=lambda message: message.__name__,
)
def test_a_message_shows_all_that_it_is_given(message: Message) -> None:
    assert_filled(message)
