"""A real node with TLS and users, through the real esdbclient."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from uuid import uuid4

import grpc
import pytest
import trustme
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import (
    AccessDeniedError,
    EventStoreDBClientException,
    GrpcError,
    NotFound,
    ServiceUnavailable,
)
from esdbclient.protos.Grpc import shared_pb2

from esdbnode.security import users
from esdbnode.testing import start_node
from tests.security.kit import SecuredNode, node_options
from tests.stubs import GossipStub

Connect = Callable[[str], EventStoreDBClient]
ADMIN, OPS, PLAIN, OTHER = "admin:changeit", "ops:changeit", "plain:secret", "other:secret"


def an_event() -> NewEvent:
    return NewEvent(type="Happened", data=b"{}")


def append(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=[an_event(), an_event()])


def denies(what: Callable[[], object]) -> None:
    """A batch's answer has its own exception, all others have the status of the call."""
    with pytest.raises(EventStoreDBClientException) as refused:
        what()
    assert isinstance(refused.value, AccessDeniedError) or "PERMISSION_DENIED" in str(refused.value)


def believes_not(what: Callable[[], object]) -> None:
    with pytest.raises(EventStoreDBClientException, match="UNAUTHENTICATED"):
        what()


@pytest.fixture
def stream() -> str:
    return f"stream-{uuid4()}"


def test_a_user_appends_and_reads(signed_in: Connect, stream: str) -> None:
    client = signed_in(PLAIN)
    append(client, stream)
    client.append_event(stream, current_version=1, event=an_event())
    assert [event.stream_position for event in client.read_stream(stream)] == [0, 1, 2]
    with client.subscribe_to_stream(stream) as subscription:
        assert next(subscription).stream_position == 0
    client.delete_stream(stream, current_version=2)
    with pytest.raises(NotFound):
        client.get_stream(stream)


async def test_the_async_client_signs_in_as_well(secured: SecuredNode, stream: str) -> None:
    client = AsyncEventStoreDBClient(uri=secured.uri(PLAIN))
    await client.connect()
    await client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=[an_event()])
    assert len(await client.get_stream(stream)) == 1
    await client.close()


@pytest.mark.parametrize("credential", ["plain:wrong", "ghost:secret", "plain:changeit"])
def test_a_wrong_name_or_password_gets_nowhere(signed_in: Connect, credential: str, stream: str) -> None:
    client = signed_in(credential)
    believes_not(lambda: append(client, stream))
    believes_not(lambda: client.append_event(stream, current_version=StreamState.ANY, event=an_event()))
    believes_not(lambda: client.get_stream(stream))
    believes_not(lambda: next(client.subscribe_to_all()))
    believes_not(lambda: client.delete_stream(stream, current_version=StreamState.ANY))


def test_administrators_read_all(signed_in: Connect, stream: str) -> None:
    append(signed_in(PLAIN), stream)
    assert any(event.stream_name == stream for event in signed_in(ADMIN).read_all())


@pytest.mark.parametrize("credential", [OPS, PLAIN])
def test_only_administrators_read_all(signed_in: Connect, credential: str) -> None:
    client = signed_in(credential)
    denies(lambda: list(client.read_all()))
    denies(lambda: next(client.subscribe_to_all()))


def test_system_streams_are_for_administrators(signed_in: Connect) -> None:
    append(signed_in(ADMIN), "$mine")
    denies(lambda: append(signed_in(OPS), "$mine"))
    denies(lambda: signed_in(OPS).get_stream("$mine"))


def test_an_acl_in_the_metadata_restricts_a_stream_to_a_group(signed_in: Connect, stream: str) -> None:
    admin, plain, clerk = signed_in(ADMIN), signed_in(PLAIN), signed_in(OTHER)
    append(plain, stream)
    admin.set_stream_metadata(
        stream, metadata={"$acl": {"$r": "clerks", "$w": "clerks", "$d": "$admins", "$mw": "$admins"}}
    )
    append(clerk, stream)
    assert len(clerk.get_stream(stream)) == 4
    denies(lambda: append(plain, stream))
    denies(lambda: plain.get_stream(stream))
    denies(lambda: clerk.delete_stream(stream, current_version=StreamState.ANY))
    denies(lambda: clerk.tombstone_stream(stream, current_version=StreamState.ANY))
    denies(lambda: clerk.set_stream_metadata(stream, metadata={}, current_version=StreamState.ANY))
    assert len(admin.get_stream(stream)) == 4


def test_a_change_of_the_acl_takes_effect_at_once(signed_in: Connect, stream: str) -> None:
    admin, plain = signed_in(ADMIN), signed_in(PLAIN)
    append(plain, stream)
    for _ in range(20):
        admin.set_stream_metadata(stream, metadata={"$acl": {"$r": []}}, current_version=StreamState.ANY)
        denies(lambda: plain.get_stream(stream))
        admin.set_stream_metadata(stream, metadata={}, current_version=StreamState.ANY)
        assert len(plain.get_stream(stream)) == 2


class Following:
    """A subscription in a thread: its events, and the error that ended it."""

    def __init__(self, client: EventStoreDBClient, stream: str) -> None:
        self.got = 0
        self.ended: Exception | None = None
        self._subscription = client.subscribe_to_stream(stream)
        self._thread = Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        try:
            for _ in self._subscription:
                self.got += 1
        except Exception as error:
            self.ended = error

    def stop(self) -> None:
        self._subscription.stop()
        self._thread.join(5)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "not within 10 s"
        time.sleep(0.01)


def test_a_subscription_ends_when_its_user_may_no_longer_read(signed_in: Connect, stream: str) -> None:
    admin, plain = signed_in(ADMIN), signed_in(PLAIN)
    append(plain, stream)
    following, unhurt = Following(plain, stream), Following(admin, stream)
    until(lambda: following.got == unhurt.got == 2)
    admin.set_stream_metadata(stream, metadata={"$acl": {"$r": "plain"}}, current_version=StreamState.ANY)
    append(admin, stream)
    until(lambda: following.got == unhurt.got == 4)
    admin.set_stream_metadata(stream, metadata={"$acl": {"$r": []}}, current_version=StreamState.ANY)
    until(lambda: following.ended is not None)
    assert "PERMISSION_DENIED" in str(following.ended)
    append(admin, stream)
    until(lambda: unhurt.got == 6)
    assert following.got == 4
    unhurt.stop()
    following.stop()


def test_settings_change_what_others_may_do_by_default(certificates: Path, users_file: Path) -> None:
    with start_node(None, *node_options(certificates, users_file)) as node:
        secured = SecuredNode(node, certificates, users_file)
        with EventStoreDBClient(secured.uri(ADMIN)) as admin, EventStoreDBClient(secured.uri(PLAIN)) as plain:
            append(plain, "s")
            following = Following(plain, "s")
            until(lambda: following.got == 2)
            settings = NewEvent(type="$settings", data=b'{"$userStreamAcl": {"$r": "$ops"}}')
            admin.append_to_stream("$settings", current_version=StreamState.ANY, events=[settings])
            denies(lambda: plain.get_stream("s"))
            until(lambda: following.ended is not None)
            append(plain, "s")
            following.stop()


def test_a_new_user_and_a_new_password_count_while_the_node_runs(secured: SecuredNode, stream: str) -> None:
    users.add(secured.users, "late", "first", [])

    def works(credential: str) -> bool:
        with EventStoreDBClient(secured.uri(credential)) as client:
            try:
                append(client, stream)
            except EventStoreDBClientException:
                return False
            return True

    until(lambda: works("late:first"))
    users.add(secured.users, "late", "second", [])
    until(lambda: works("late:second"))
    assert not works("late:first")


def test_gossip_needs_no_sign_in_but_refuses_a_wrong_password(secured: SecuredNode) -> None:
    trusted = grpc.ssl_channel_credentials((secured.certificates / "ca.crt").read_bytes())
    with grpc.secure_channel(f"localhost:{secured.node.port}", trusted) as channel:
        read = GossipStub(channel).Read
        assert len(read(shared_pb2.Empty(), timeout=5).members) == 1
        with pytest.raises(grpc.RpcError) as refused:
            read(shared_pb2.Empty(), timeout=5, metadata=(("authorization", "Basic cGxhaW46d3Jvbmc="),))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_client_without_tls_gets_nowhere(secured: SecuredNode) -> None:
    uri = f"esdb://localhost:{secured.node.port}?Tls=false"
    with EventStoreDBClient(uri) as client, pytest.raises((ServiceUnavailable, GrpcError)):
        client.get_stream("s", timeout=5)


def test_a_client_that_does_not_trust_the_certificate_gets_nowhere(
    secured: SecuredNode, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "another.crt"))
    uri = f"esdb://{PLAIN}@localhost:{secured.node.port}?TlsCaFile={tmp_path / 'another.crt'}"
    with EventStoreDBClient(uri) as client, pytest.raises((ServiceUnavailable, GrpcError)):
        client.get_stream("s", timeout=5)


@pytest.fixture(scope="module")
def reachable(certificates: Path, users_file: Path) -> Iterator[SecuredNode]:
    with start_node(None, "--host", "0.0.0.0", *node_options(certificates, users_file)) as node:
        yield SecuredNode(node, certificates, users_file)


def test_with_tls_and_users_it_listens_beyond_this_machine(reachable: SecuredNode, stream: str) -> None:
    with EventStoreDBClient(reachable.uri(PLAIN)) as client:
        append(client, stream)
        assert len(client.get_stream(stream)) == 2
