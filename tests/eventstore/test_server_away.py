"""What happens when EventStoreDB does not answer: a node process is killed, stopped and started again."""

import asyncio
import re
import signal
import socket
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from esdbnode.http2 import frames
from eventstore import messages
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import (
    NO_STREAM,
    CaughtUp,
    NewEvent,
    OutcomeUnknown,
    StoreRefused,
    StoreUnavailable,
)
from tests.kit.following import following
from tests.kit.logs import events
from tests.kit.node import Node
from tests.kit.proxy import proxy_to

pytestmark = pytest.mark.asyncio(loop_scope="session")

_DEADLINE = 2.0


@pytest_asyncio.fixture(loop_scope="session")
async def store(own_node: Node) -> AsyncIterator[EsdbStore]:
    store = EsdbStore(own_node.uri, deadline=_DEADLINE)
    yield store
    await store.close()


@pytest.fixture
def log(own_node: Node) -> EsdbLog:
    return EsdbLog(own_node.uri, deadline=_DEADLINE)


async def test_a_killed_server_ends_a_subscription_as_unavailable(
    own_node: Node, store: EsdbStore, log: EsdbLog
) -> None:
    appended = await store.append("account-1", events(2), expected=NO_STREAM)
    with following(log.subscribe(prefixes=["account-"], after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        own_node.kill()
        follower.until(lambda it: it.ended)
    assert isinstance(follower.failure, StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        list(log.subscribe(prefixes=["account-"], after=appended.position))
    with pytest.raises(StoreUnavailable):
        log.end()
    own_node.start()
    with following(log.subscribe(prefixes=["account-"], after=appended.position)) as follower:
        await store.append("account-1", events(1), expected=1)
        follower.until(lambda it: len(it.recorded) == 1)


async def test_no_append_is_taken_while_the_server_is_down_and_it_says_so_in_time(
    own_node: Node, store: EsdbStore
) -> None:
    batch = events(1)
    await store.append("account-1", events(1), expected=NO_STREAM)
    own_node.kill()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await store.append("account-1", batch, expected=0)
    with pytest.raises(StoreUnavailable):
        await store.read_stream("account-1")
    assert time.monotonic() - began < 2 * _DEADLINE + 1
    own_node.start()
    first = await store.append("account-1", batch, expected=0)
    assert await store.append("account-1", batch, expected=0) == first
    assert len(await store.read_stream("account-1")) == 2


async def test_a_frozen_server_is_given_up_on_within_the_deadline(own_node: Node, store: EsdbStore) -> None:
    batch = events(1)
    await store.append("account-1", events(1), expected=NO_STREAM)
    own_node.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await store.append("account-1", batch, expected=0)
        with pytest.raises(StoreUnavailable):
            await store.head()
        assert time.monotonic() - began < 2 * _DEADLINE + 1
    finally:
        own_node.signal(signal.SIGCONT)
    await store.append("account-1", batch, expected=0)
    assert len(await store.read_stream("account-1")) == 2


async def test_reads_of_a_frozen_server_do_not_wait_for_each_other(own_node: Node, store: EsdbStore) -> None:
    await store.append("account-1", events(1), expected=NO_STREAM)
    own_node.signal(signal.SIGSTOP)
    try:
        reads = [store.read_stream("account-1") for _ in range(600)]
        answers = await asyncio.gather(*reads, return_exceptions=True)
    finally:
        own_node.signal(signal.SIGCONT)
    assert {type(answer) for answer in answers} == {StoreUnavailable}
    refused = [str(answer) for answer in answers]
    assert refused.count(messages.too_many_reads(512)) == 600 - 512
    assert refused.count(messages.read_not_started(_DEADLINE)) >= 512 - 3 * 8
    assert len(await store.read_stream("account-1")) == 1


async def test_appends_in_flight_when_the_server_is_killed_are_each_booked_once(
    own_node: Node, store: EsdbStore
) -> None:
    batches = [events(2) for _ in range(300)]

    async def insist(n: int) -> None:
        for _ in range(20):
            try:
                await store.append(f"account-{n}", batches[n], expected=NO_STREAM)
            except StoreUnavailable:
                await asyncio.sleep(0.1)
            else:
                return
        raise AssertionError(f"append {n} was never taken")

    appends = [asyncio.create_task(insist(n)) for n in range(300)]
    for _ in range(2):
        await asyncio.sleep(0.03)
        own_node.kill()
        await asyncio.to_thread(own_node.start)
    await asyncio.gather(*appends)
    for n in range(300):
        read = await store.read_stream(f"account-{n}")
        assert [record.event_id for record in read] == [str(event.id) for event in batches[n]]


async def test_a_cancelled_append_does_not_disturb_the_others(own_node: Node, store: EsdbStore) -> None:
    appends = [
        asyncio.create_task(store.append(f"account-{n}", events(1), expected=NO_STREAM)) for n in range(50)
    ]
    await asyncio.sleep(0.002)
    for append in appends[::2]:
        append.cancel()
    answers = await asyncio.gather(*appends, return_exceptions=True)
    assert all(not isinstance(answer, BaseException) for answer in answers[1::2])


async def test_appends_that_the_log_would_never_accept_are_refused(store: EsdbStore) -> None:
    huge = [events(1)[0].__class__(events(1)[0].id, "T", b'"' + b"x" * 2_000_000 + b'"', b"{}")]
    with pytest.raises(StoreRefused, match=re.escape(messages.append_too_large("account-1", 1_048_576))):
        await store.append("account-1", huge, expected=NO_STREAM)
    await store.append("account-1", events(1), expected=NO_STREAM)


async def test_without_a_listening_server_it_is_certain_that_nothing_was_recorded() -> None:
    store = EsdbStore("esdb://127.0.0.1:1?Tls=false")
    with pytest.raises(StoreUnavailable) as caught:
        await store.append("account-1", events(1), expected=NO_STREAM)
    assert not isinstance(caught.value, OutcomeUnknown)
    await store.close()


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:1", "esdb://", "esdb://127.0.0.1:1?Tls=maybe", "esdb://127.0.0.1:1?Colour=red"]
)
async def test_an_invalid_address_is_refused_at_once(uri: str) -> None:
    with pytest.raises(ValueError, match=r"URI|targets|not one of|Unknown field"):
        EsdbLog(uri)


async def test_an_append_whose_reply_is_lost_with_the_connection_is_recorded_once(node: Node) -> None:
    stream = f"account-{uuid4()}"
    async with proxy_to(int(node.address.rpartition(":")[2])) as proxy:
        store = EsdbStore(f"esdb://127.0.0.1:{proxy.port}?Tls=false", deadline=_DEADLINE)
        await store.append(stream, events(1), expected=NO_STREAM)
        proxy.swallow_replies = True
        append = asyncio.create_task(store.append(stream, events(1), expected=0))
        await asyncio.sleep(0.3)
        proxy.swallow_replies = False
        proxy.cut()
        assert (await append).revision == 1
        assert len(await store.read_stream(stream)) == 2
        await store.close()


async def test_a_silent_connection_is_replaced_by_a_new_one(node: Node) -> None:
    """So a frozen node is left for the node that took over, and the append is recorded once."""
    stream = f"account-{uuid4()}"
    async with proxy_to(int(node.address.rpartition(":")[2])) as proxy:
        store = EsdbStore(f"esdb://127.0.0.1:{proxy.port}?Tls=false", deadline=_DEADLINE)
        await store.append(stream, events(1), expected=NO_STREAM)
        await store.head()
        proxy.mute()
        assert (await store.append(stream, events(1), expected=0)).revision == 1
        assert len(await store.read_stream(stream)) == 2
        await store.close()


async def test_a_server_that_leaves_is_connected_to_again_and_nothing_is_lost(node: Node) -> None:
    """It says so (GOAWAY) while many appends are unanswered."""
    said = list[bytes]()

    def leave(sent: bytes) -> bytes:
        is_one_answer = sent[3] == frames.DATA and len(sent) == frames.HEAD_SIZE + int.from_bytes(
            sent[:3], "big"
        )
        if said or not is_one_answer:
            return sent
        said.append(frames.goaway(1, frames.ErrorCode.NO_ERROR, ""))
        return sent + said[0]

    streams = [f"account-{uuid4()}" for _ in range(50)]
    async with proxy_to(int(node.address.rpartition(":")[2]), leave) as proxy:
        store = EsdbStore(f"esdb://127.0.0.1:{proxy.port}?Tls=false", deadline=_DEADLINE)
        for expected in range(-1, 4):
            appends = [store.append(stream, events(1), expected=expected) for stream in streams]
            answers = await asyncio.gather(*appends)
            assert {answer.revision for answer in answers} == {expected + 1}
        assert said
        await store.close()


async def test_appends_of_almost_the_largest_size_are_taken_many_at_a_time(store: EsdbStore) -> None:
    """They are cut into frames, and wait for the windows of the server."""
    whole = [NewEvent(uuid4(), "T", b'"' + b"x" * 1_000_000 + b'"', b"{}") for _ in range(8)]
    appends = [store.append(f"account-{n}", [event], expected=NO_STREAM) for n, event in enumerate(whole)]
    await asyncio.gather(*appends)
    for n, event in enumerate(whole):
        assert [each.data for each in await store.read_stream(f"account-{n}")] == [event.data]


async def test_an_append_whose_replies_are_all_lost_says_that_its_outcome_is_unknown(node: Node) -> None:
    stream, batch = f"account-{uuid4()}", events(1)
    async with proxy_to(int(node.address.rpartition(":")[2])) as proxy:
        store = EsdbStore(f"esdb://127.0.0.1:{proxy.port}?Tls=false", deadline=_DEADLINE)
        await store.append(stream, events(1), expected=NO_STREAM)
        proxy.swallow_replies = True
        with pytest.raises(OutcomeUnknown):
            await store.append(stream, batch, expected=0)
        proxy.swallow_replies = False
        assert (await store.append(stream, batch, expected=0)).revision == 1
        await store.close()


async def test_the_host_that_answers_is_found_among_several(node: Node) -> None:
    """Also if an earlier host is down, and another accepts connections and then never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"127.0.0.1:1,127.0.0.1:{silent.getsockname()[1]},{node.address}"
        uri, stream = f"esdb://{hosts}?Tls=false", f"account-{uuid4()}"
        store, log = EsdbStore(uri), EsdbLog(uri)
        appended = await store.append(stream, events(1), expected=NO_STREAM)
        assert len(await store.read_stream(stream)) == 1
        with following(log.subscribe(prefixes=[stream], after=None)) as follower:
            follower.until(lambda it: [each.position for each in it.recorded] == [appended.position])
        log.close()
        await store.close()


async def test_if_no_host_answers_the_log_is_unavailable() -> None:
    uri = "esdb://127.0.0.1:1,127.0.0.1:2?Tls=false"
    store = EsdbStore(uri)
    with pytest.raises(StoreUnavailable):
        await store.append("account-1", events(1), expected=NO_STREAM)
    with pytest.raises(StoreUnavailable):
        EsdbLog(uri).subscribe(prefixes=["account-"], after=None)
    await store.close()


async def test_a_closed_store_takes_no_more_appends(node: Node) -> None:
    store = EsdbStore(node.uri)
    await store.append(f"account-{uuid4()}", events(1), expected=NO_STREAM)
    await store.close()
    with pytest.raises(StoreUnavailable, match=re.escape(messages.CONNECTION_CLOSED)):
        await store.append(f"account-{uuid4()}", events(1), expected=NO_STREAM)
