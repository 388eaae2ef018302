"""From an `esdb://` address to channels. esdbclient reads the address, with its TLS and its user."""

import ssl
from functools import cache
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import grpc
import msgspec
from esdbclient.client import BaseEventStoreDBClient
from grpc.experimental import ChannelOptions

from eventstore import messages
from eventstore.store import AccessRefused

_OWN_CONNECTION: Final = (("grpc.use_local_subchannel_pool", 1),)
_ONE_THREAD: Final = ((ChannelOptions.SingleThreadedUnaryStream, 1),)
"""Streams are read on the caller's thread, which costs 13 us of CPU for each event instead of 100."""


class Node(msgspec.Struct, frozen=True):
    """A node to connect to. `calls` is sent with each call: who calls, with which rights.

    `target` is as gRPC takes it: HOST:PORT, or unix:PATH with a percent-encoded path.
    """

    target: str
    options: tuple[tuple[str, Any], ...]
    credentials: grpc.ChannelCredentials | None
    calls: dict[str, Any]

    def at(self, target: str) -> "Node":
        return msgspec.structs.replace(self, target=target)


def without_user(uri: str) -> str:
    """The address for messages: no name, no password, no settings."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{shown(parts.netloc.rpartition('@')[2])}"


def shown(target: str) -> str:
    """For messages: a path as people write it."""
    return unquote(target)


def socket_of(target: str) -> str | None:
    """The path of the Unix socket that gRPC connects to for this target. None: it is a host and a port."""
    scheme, _, path = target.partition(":")
    return unquote(path) if scheme == "unix" else None


def target_of(host: str, port: int | str) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Address(BaseEventStoreDBClient):
    """esdbclient's reading of an address, without its connection."""

    @property
    def connection_target(self) -> str:
        return str(self.connection_spec.targets[0])


def node_at(uri: str, *, leader: bool) -> Node:
    """The first node of the address; `leader`: calls are for the leader only. Raises AccessRefused."""
    try:
        client = _Address(uri)
        if client.root_certificates is not None:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
                cadata=client.root_certificates.decode()
            )
    except (OSError, ValueError) as error:
        raise _unusable(error) from error
    spec = client.connection_spec
    return Node(
        target=client.connection_target,
        options=client.grpc_options + _OWN_CONNECTION,
        credentials=_credentials(client) if spec.options.Tls is True else None,
        calls={
            "metadata": (
                ("connection-name", spec.options.ConnectionName),
                ("requires-leader", "true" if leader else "false"),
            ),
            "credentials": client.construct_call_credentials(spec.username, spec.password),
        },
    )


def _unusable(error: Exception) -> AccessRefused:
    file = getattr(error, "filename", None)
    return AccessRefused(messages.file_unreadable(str(file)) if file else messages.NO_CERTIFICATE)


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
