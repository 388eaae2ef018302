"""Each placeholder of each message is filled."""

import pytest

from esdbnode.wording import calls, datafile, faults, protocol, startup
from tests.messages import Message, messages_of, samples_of


@pytest.mark.parametrize(
    "message", messages_of(calls, datafile, faults, protocol, startup), ids=lambda message: message.__name__
)
def test_a_message_shows_what_fills_its_placeholders(message: Message) -> None:
    samples = samples_of(message)
    text = message(**samples)
    assert samples
    assert [name for name, sample in samples.items() if str(sample) not in text] == []
    assert not {"{", "}"} & set(text)
    assert text == text.strip()
