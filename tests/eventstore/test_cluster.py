"""A log that is a cluster: nodes that are followers, and a leader that another node takes over from."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from esdbnode.storage.backup import back_up
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import NO_STREAM, CaughtUp, OutcomeUnknown, StoreUnavailable
from tests.kit.cluster import Member, Peer, start_peer
from tests.kit.following import following
from tests.kit.logs import events
from tests.kit.node import Node, start_node

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

SOON = 20.0
"""Seconds until a test gives up."""


@pytest.fixture
def peer() -> Iterator[Peer]:
    with start_peer() as peer:
        yield peer


@asynccontextmanager
async def open_store(uri: str) -> AsyncIterator[EsdbStore]:
    store = EsdbStore(uri)
    try:
        yield store
    finally:
        await store.close()


def address(*hosts: str, preference: str = "leader") -> str:
    return f"esdb://{','.join(hosts)}?Tls=false&NodePreference={preference}"


async def insist(call: Callable[[], Awaitable[object]]) -> None:
    """Repeats `call` like a client that sends its command again."""
    began = time.monotonic()
    while True:
        try:
            await call()
        except StoreUnavailable:
            assert time.monotonic() - began < SOON
        else:
            return


@pytest.mark.parametrize("preference", ["leader", "follower"])
@pytest.mark.parametrize("has_gossip", [True, False])
async def test_writes_and_their_reads_go_to_the_leader_that_a_follower_names(
    node: Node, peer: Peer, preference: str, has_gossip: bool
) -> None:
    peer.leader = node.address
    peer.members = [Member(node.address, "Leader"), Member(peer.address)] if has_gossip else None
    stream = f"account-{uuid4()}"
    async with open_store(address(peer.address, preference=preference)) as store:
        assert (await store.append(stream, events(2), expected=NO_STREAM)).revision == 1
        assert len(await store.read_stream(stream)) == 2
        assert await store.head() > 0
        asked = peer.asked
        for revision in range(1, 20):
            await store.append(stream, events(1), expected=revision)
        assert peer.asked == asked
    async with open_store(address(peer.address, preference=preference)) as store:
        assert len(await store.read_stream(stream)) == 21


async def test_a_subscription_goes_to_the_leader_that_a_follower_names(node: Node, peer: Peer) -> None:
    peer.leader = node.address
    stream = f"account-{uuid4()}"
    log = EsdbLog(address(peer.address))
    async with open_store(address(peer.address)) as store:
        appended = await store.append(stream, events(2), expected=NO_STREAM)
    with following(log.subscribe(prefixes=[stream], after=None)) as follower:
        follower.until(lambda it: len(it.recorded) == 2)
    assert len(list(log.read(prefixes=[stream], after=None))) >= 2
    assert log.head(prefixes=[stream]) == appended.position
    log.close()


async def test_a_preference_for_followers_counts_for_subscriptions_only(node: Node, peer: Peer) -> None:
    """The follower here is a node with a log of its own, so that it shows who was asked."""
    with start_node() as follower:
        peer.members = [
            Member(node.address, "Leader"),
            Member(follower.address),
            Member(peer.address, "Unknown"),
        ]
        uri, stream = address(peer.address, peer.address, preference="follower"), f"account-{uuid4()}"
        async with open_store(uri) as store, open_store(follower.uri) as elsewhere:
            appended = await store.append(stream, events(1), expected=NO_STREAM)
            assert len(await store.read_stream(stream)) == 1
            assert await elsewhere.read_stream(stream) == []
            await elsewhere.append(stream, events(3), expected=NO_STREAM)
        log = EsdbLog(uri)
        with following(log.subscribe(prefixes=[stream], after=None)) as reading:
            reading.until(lambda it: len(it.recorded) == 3)
        assert log.head(prefixes=[stream]) != appended.position
        log.close()


async def test_without_followers_a_preference_for_them_reads_from_the_leader(node: Node, peer: Peer) -> None:
    peer.members = [Member(node.address, "Leader"), Member(peer.address, "CatchingUp")]
    log = EsdbLog(address(peer.address, peer.address, preference="follower"))
    assert log.end() > 0
    log.close()


async def test_a_name_that_stands_for_the_cluster_is_asked_for_the_leader(node: Node, peer: Peer) -> None:
    peer.members = [Member(node.address, "Leader"), Member(peer.address)]
    port, stream = peer.address.rpartition(":")[2], f"account-{uuid4()}"
    async with open_store(f"esdb+discover://localhost:{port}?Tls=false") as store:
        assert (await store.append(stream, events(1), expected=NO_STREAM)).revision == 0
    assert peer.asked == 0


@pytest.fixture
def cluster(own_node: Node, peer: Peer) -> str:
    """The address of a cluster whose leader is `own_node`; `peer` tells of it."""
    peer.leader = own_node.address
    peer.members = [Member(own_node.address, "Leader"), Member(peer.address)]
    return address(own_node.address, peer.address)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Node]:
    """A node that `take_over` starts on a copy of the leader's log."""
    node = Node(tmp_path / "other.db")
    yield node
    if node.port:
        node.kill()


async def take_over(own_node: Node, peer: Peer, other: Node, folder: Path) -> None:
    """As the other nodes see it: the old leader is still known as such, but dead."""
    await asyncio.to_thread(back_up, folder / "log.db", folder / "other.db")
    await asyncio.to_thread(other.start)
    peer.leader = other.address
    old = Member(own_node.address, "Leader", is_alive=False)
    peer.members = [old, Member(other.address, "Leader"), Member(peer.address)]


@pytest.mark.parametrize("end", [signal.SIGSTOP, signal.SIGKILL])
async def test_writers_and_readers_find_the_node_that_takes_over(
    own_node: Node, peer: Peer, other: Node, cluster: str, tmp_path: Path, end: signal.Signals
) -> None:
    first, second = events(1), events(1)
    async with open_store(cluster) as store, open_store(cluster) as idle:
        for each, revision in ((store, NO_STREAM), (idle, 0)):
            await each.append("account-1", events(1), expected=revision)
            await each.read_stream("account-1")
        own_node.signal(end)
        writing = asyncio.create_task(insist(lambda: store.append("account-1", first, expected=1)))
        reading = asyncio.create_task(insist(lambda: store.read_stream("account-1")))
        await asyncio.sleep(3)
        assert not writing.done()
        await take_over(own_node, peer, other, tmp_path)
        await asyncio.gather(writing, reading)
        assert len(await idle.read_stream("account-1")) == 3
        assert (await idle.append("account-1", second, expected=2)).revision == 3
        assert (await store.append("account-1", first, expected=1)).revision == 2


async def test_a_subscription_to_a_frozen_leader_ends_when_another_node_answers(
    own_node: Node, peer: Peer, other: Node, cluster: str, tmp_path: Path
) -> None:
    log = EsdbLog(cluster)
    async with open_store(cluster) as store:
        await store.append("account-1", events(1), expected=NO_STREAM)
    with following(log.subscribe(prefixes=["account-"], after=None)) as follower:
        follower.until(lambda it: CaughtUp() in it.messages)
        own_node.signal(signal.SIGSTOP)
        await take_over(own_node, peer, other, tmp_path)
        assert await asyncio.to_thread(log.end) > 0
        await asyncio.to_thread(follower.until, lambda it: it.ended)
        assert str(follower.failure) == f"Another node of the log took over from {own_node.address}."
    with following(log.subscribe(prefixes=["account-"], after=None)) as follower:
        await asyncio.to_thread(follower.until, lambda it: len(it.recorded) == 1)
    log.close()


@pytest.mark.parametrize("has_gossip", [True, False])
async def test_a_node_that_is_not_ready_has_certainly_recorded_nothing(peer: Peer, has_gossip: bool) -> None:
    peer.members = [Member(peer.address, "Unknown")] if has_gossip else None
    store = EsdbStore(address(peer.address), deadline=1)
    with pytest.raises(StoreUnavailable) as caught:
        await store.append("account-1", events(1), expected=NO_STREAM)
    assert not isinstance(caught.value, OutcomeUnknown)
    with pytest.raises(StoreUnavailable):
        await store.read_stream("account-1")
    await store.close()


@pytest.mark.parametrize("names_both", [True, False])
async def test_a_leader_that_is_cut_off_from_the_others_is_left_for_the_new_one(
    node: Node, peer: Peer, names_both: bool
) -> None:
    """It still takes itself for the leader. The address names it alone, or both."""
    stream = f"account-{uuid4()}"
    with start_peer() as cut_off:
        old = Member(cut_off.address, "Leader")
        cut_off.members = peer.members = [old, Member(peer.address)]
        hosts = [cut_off.address, peer.address] if names_both else [cut_off.address]
        async with open_store(address(*hosts)) as store:
            writing = asyncio.create_task(insist(lambda: store.append(stream, events(1), expected=NO_STREAM)))
            await asyncio.sleep(1)
            assert not writing.done()
            peer.members = [old, Member(node.address, "Leader"), Member(peer.address)]
            peer.leader = node.address
            await writing
            assert len(await store.read_stream(stream)) == 1
