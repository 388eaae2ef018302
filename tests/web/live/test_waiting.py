"""The queue for a page is bounded."""

from web.live.waiting import QUEUE_LENGTH, Client


async def test_a_page_that_is_too_slow_gets_everything_again_instead_of_a_queue_without_end() -> None:
    client = Client(frozenset({"feed"}))
    for number in range(QUEUE_LENGTH + 5):
        client.put(b"data: %d\n\n" % number)
    assert client.behind
    assert client.take() == b""
    client.put(b"data: lost on it\n\n")
    client.catch_up(b"event: resync\n\n")
    client.put(b"data: next\n\n")
    assert client.take() == b"event: resync\n\ndata: next\n\n"


async def test_a_heartbeat_moves_the_position_only_of_a_page_that_got_everything() -> None:
    client = Client(frozenset({"feed"}))
    client.beat(b"event: beat\n", 7)
    assert client.take() == b"id: 7\nevent: beat\n\n"
    client.behind = True
    client.beat(b"event: beat\n", 8)
    assert client.take() == b"event: beat\n\n"


async def test_heartbeats_do_not_pile_up_either() -> None:
    client = Client(frozenset())
    for _ in range(10 * QUEUE_LENGTH):
        client.beat(b"x", 1)
    assert client.take().count(b"id: 1") == QUEUE_LENGTH


async def test_what_the_page_takes_is_written_at_once_and_the_rest_in_order_after_it() -> None:
    written, takes = list[bytes](), [True]

    def write(part: bytes) -> bool:
        if takes[0]:
            written.append(part)
        return takes[0]

    client = Client(frozenset({"feed"}), write=write)
    client.put(b"1")
    takes[0] = False
    client.put(b"2")
    takes[0] = True
    client.put(b"3")
    assert client.wake.is_set()
    assert (written, client.take()) == ([b"1"], b"23")
    client.put(b"4")
    assert (written, client.take()) == ([b"1"], b"4")
    client.is_sending = False
    client.put(b"5")
    assert written == [b"1", b"5"]
