"""From an `esdb://` address to channels. esdbclient reads the address and finds the node (TLS, users, discovery).

A channel is dropped after a failure, and the next one finds the node again. The reason: a node that is frozen and not
gone keeps its connections, and only new connections reach the node that took over.
"""

from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import grpc
import msgspec
from esdbclient import AsyncEventStoreDBClient, EventStoreDBClient
from esdbclient.client import BaseEventStoreDBClient
from esdbclient.connection_spec import NODE_PREFERENCE_LEADER, ConnectionSpec
from esdbclient.exceptions import EventStoreDBClientException
from grpc.experimental import ChannelOptions

from eventstore import messages
from eventstore.store import StoreUnavailable

_OWN_CONNECTION: Final = (("grpc.use_local_subchannel_pool", 1),)
_ONE_THREAD: Final = ((ChannelOptions.SingleThreadedUnaryStream, 1),)
"""Streams are read on the caller's thread, which costs 13 us of CPU for each event instead of 100."""


_DISCOVERY: Final = {"GossipTimeout": 1, "MaxDiscoverAttempts": 2}
"""Seconds, unless the address says otherwise. A frozen node must not use up the time that is needed to find another."""


class Node(msgspec.Struct, frozen=True):
    """A node to connect to. `calls` is sent with each call: who calls, with which rights."""

    target: str
    options: tuple[tuple[str, Any], ...]
    credentials: grpc.ChannelCredentials | None
    calls: dict[str, Any]


def check_address(uri: str) -> None:
    """Raises ValueError; its message says what is wrong with the address."""
    ConnectionSpec(uri)


def without_user(uri: str) -> str:
    """The address for messages: no name, no password, no settings."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def find(uri: str) -> Node:
    """Blocks while a cluster is asked for its leader. Raises StoreUnavailable."""
    try:
        client = EventStoreDBClient(impatient(uri))
    except (EventStoreDBClientException, OSError) as error:
        raise _not_found(error) from error
    try:
        return _node(client)
    finally:
        client.close()


async def find_async(uri: str) -> Node:
    """Raises StoreUnavailable."""
    try:
        client = AsyncEventStoreDBClient(impatient(uri))
        await client.connect()
    except (EventStoreDBClientException, OSError) as error:
        raise _not_found(error) from error
    try:
        return _node(client)
    finally:
        await client.close()


def impatient(uri: str) -> str:
    lower = uri.lower()
    settings = [f"{name}={value}" for name, value in _DISCOVERY.items() if name.lower() not in lower]
    return "".join([uri, "&" if "?" in uri else "?", "&".join(settings)])


def _not_found(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(messages.node_not_found(str(error)))


def _node(client: BaseEventStoreDBClient) -> Node:
    spec = client.connection_spec
    leader = "true" if spec.options.NodePreference == NODE_PREFERENCE_LEADER else "false"
    return Node(
        target=client.connection_target,
        options=client.grpc_options + _OWN_CONNECTION,
        credentials=_credentials(client) if spec.options.Tls is True else None,
        calls={
            "metadata": (("connection-name", spec.options.ConnectionName), ("requires-leader", leader)),
            "credentials": client.construct_call_credentials(spec.username, spec.password),
        },
    )


def _credentials(client: BaseEventStoreDBClient) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        root_certificates=client.root_certificates,
        private_key=client.private_key,
        certificate_chain=client.certificate_chain,
    )


def open_channel(node: Node) -> grpc.Channel:
    options = node.options + _ONE_THREAD
    if node.credentials is None:
        return grpc.insecure_channel(node.target, options)
    return grpc.secure_channel(node.target, node.credentials, options)


@cache
def _keep_grpc_running() -> None:
    """Without this, grpc.aio stops when the last channel is dropped, and that can block the event loop forever.

    See https://github.com/grpc/grpc/issues/22365 and https://github.com/grpc/grpc/pull/40989.
    """
    grpc.aio.init_grpc_aio()


def open_async_channel(node: Node) -> grpc.aio.Channel:
    _keep_grpc_running()
    if node.credentials is None:
        return grpc.aio.insecure_channel(node.target, node.options)
    return grpc.aio.secure_channel(node.target, node.credentials, node.options)
