"""The answers of a BatchAppend call: sent together, in their order, also to a client that reads late."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from esdbnode.streams.answering import IN_FLIGHT, Answers

TIMEOUT = 5


class Client:
    """A call's client. While it is not `reading`, it takes nothing; `sent` is what it took, each time."""

    path = "/event_store.client.streams.Streams/BatchAppend"
    metadata: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.sent: list[Sequence[bytes]] = []
        self.reading = asyncio.Event()
        self.reading.set()

    def messages(self) -> AsyncIterator[bytes]:
        raise NotImplementedError

    async def send(self, messages: Sequence[bytes]) -> None:
        await self.reading.wait()
        self.sent.append(messages)

    def send_now(self, messages: Sequence[bytes]) -> bool:
        if self.reading.is_set():
            self.sent.append(messages)
        return self.reading.is_set()


async def test_answers_that_are_ready_in_one_turn_of_the_loop_are_sent_together() -> None:
    client = Client()
    answers = Answers(client)
    for answer in (b"1", b"2", b"3"):
        answers.add(answer)
    await asyncio.sleep(0)
    answers.add(b"4")
    await asyncio.sleep(0)
    assert client.sent == [[b"1", b"2", b"3"], [b"4"]]


async def test_a_client_that_reads_late_gets_all_answers_in_order() -> None:
    client = Client()
    answers = Answers(client)
    client.reading.clear()
    for answer in (b"1", b"2", b"3"):
        answers.add(answer)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert client.sent == []
    client.reading.set()
    await asyncio.wait_for(answers.finish(), TIMEOUT)
    assert [answer for sent in client.sent for answer in sent] == [b"1", b"2", b"3"]


async def test_appends_wait_for_room_while_too_many_are_unanswered() -> None:
    answers = Answers(Client())
    for _ in range(IN_FLIGHT):
        answers.expect()
    waiting = asyncio.create_task(answers.room())
    await asyncio.sleep(0)
    assert answers.full
    answers.add(b"1", expected=True)
    await asyncio.wait_for(waiting, TIMEOUT)
    assert not answers.full
