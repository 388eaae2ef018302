"""From an `esdb://` address to channels. esdbclient reads the address, with its TLS and its user."""

import os
import ssl
from base64 import b64encode
from pathlib import Path
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

_ROOTS_VARIABLE: Final = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
_ROOTS: Final = Path(grpc.__file__).parent / "_cython" / "_credentials" / "roots.pem"
"""The authorities that gRPC trusts if the address names none, and the variable that names others."""


class Node(msgspec.Struct, frozen=True):
    """A node to connect to. `calls` is sent with each call through gRPC: who calls, with which rights.

    `target` is as gRPC takes it: HOST:PORT, or unix:PATH with a percent-encoded path. `tls` and `fields` are
    `credentials` and `calls` for connections that are framed here.
    """

    target: str
    options: tuple[tuple[str, Any], ...]
    credentials: grpc.ChannelCredentials | None
    calls: dict[str, Any]
    tls: ssl.SSLContext | None
    fields: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        """Without `fields`, which hold the password."""
        return f"Node({self.target!r})"

    @property
    def authority(self) -> str:
        return self.target if socket_of(self.target) is None else "localhost"

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


def host_of(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    return host.strip("[]"), int(port)


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
        tls = _tls(client)
    except OSError as error:
        raise _unusable(error) from error
    spec = client.connection_spec
    metadata = (
        ("connection-name", spec.options.ConnectionName),
        ("requires-leader", "true" if leader else "false"),
    )
    return Node(
        target=client.connection_target,
        options=client.grpc_options + _OWN_CONNECTION,
        credentials=_credentials(client) if tls else None,
        calls={
            "metadata": metadata,
            "credentials": client.construct_call_credentials(spec.username, spec.password),
        },
        tls=tls,
        fields=metadata + _authorization(client),
    )


def _unusable(error: OSError) -> AccessRefused:
    file = error.filename
    return AccessRefused(messages.file_unreadable(str(file)) if file else messages.NO_CERTIFICATE)


def _authorization(client: BaseEventStoreDBClient) -> tuple[tuple[str, str], ...]:
    """As esdbclient: never without TLS."""
    spec = client.connection_spec
    if not (spec.username and spec.password and spec.options.Tls is True):
        return ()
    return (("authorization", f"Basic {b64encode(f'{spec.username}:{spec.password}'.encode()).decode()}"),)


def _tls(client: BaseEventStoreDBClient) -> ssl.SSLContext | None:
    """None: without TLS. Trusts whom gRPC trusts. Raises OSError, AccessRefused."""
    options = client.connection_spec.options
    if options.Tls is not True:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(options.TlsCaFile or os.environ.get(_ROOTS_VARIABLE) or _ROOTS)
    context.set_alpn_protocols(["h2"])
    if options.UserCertFile:
        try:
            context.load_cert_chain(options.UserCertFile, options.UserKeyFile)
        except ssl.SSLError as error:
            raise AccessRefused(messages.file_unreadable(options.UserCertFile)) from error
    return context


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
