"""A node with TLS and users, for all the tests of a module: admin in $admins, ops in $ops, plain and other in none."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from esdbclient import EventStoreDBClient

from esdbnode.security import users
from esdbnode.testing import start_node
from tests.security.kit import SecuredNode, node_options

Connect = Callable[[str], EventStoreDBClient]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `ca.crt`, `node.crt` and `node.key`."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.private_key_pem.write_to_path(str(folder / "node.key"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "node.crt"))
    return folder


@pytest.fixture(scope="module")
def users_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("users") / "users.json"
    users.add(file, "admin", "changeit", ["$admins"])
    users.add(file, "ops", "changeit", ["$ops"])
    users.add(file, "plain", "secret", [])
    users.add(file, "other", "secret", ["clerks"])
    return file


@pytest.fixture(scope="module")
def secured(certificates: Path, users_file: Path) -> Iterator[SecuredNode]:
    with start_node(None, *node_options(certificates, users_file)) as node:
        yield SecuredNode(node, certificates, users_file)


@pytest.fixture
def signed_in(secured: SecuredNode) -> Iterator[Connect]:
    """`signed_in("plain:secret")`: a client."""
    with ExitStack() as open_clients:

        def connect(credential: str) -> EventStoreDBClient:
            return open_clients.enter_context(EventStoreDBClient(uri=secured.uri(credential)))

        yield connect
