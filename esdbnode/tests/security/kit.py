"""A node with TLS and users, and its address for clients."""

from pathlib import Path
from typing import NamedTuple

from esdbnode.testing import Node


class SecuredNode(NamedTuple):
    node: Node
    certificates: Path
    users: Path

    def uri(self, credential: str) -> str:
        return f"esdb://{credential}@localhost:{self.node.port}?TlsCaFile={self.certificates / 'ca.crt'}"


def node_options(certificates: Path, users: Path) -> list[str]:
    tls = ["--tls-cert", str(certificates / "node.crt"), "--tls-key", str(certificates / "node.key")]
    return [*tls, "--users", str(users)]
