"""Refusals that time does not heal: a password, a right, a certificate. On a node with TLS and users."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from esdbnode.security import users
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import NO_STREAM, AccessRefused
from tests.kit.logs import events
from tests.kit.node import Node, start_node

pytestmark = pytest.mark.asyncio(loop_scope="session")

_GRPC = ("UNAVAILABLE", "UNAUTHENTICATED", "PERMISSION_DENIED", "handshake", "SSL", "Errno")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ours.crt` and `theirs.crt` are authorities; the first signed `localhost.crt` and `elsewhere.crt`."""
    folder = tmp_path_factory.mktemp("access")
    ours = trustme.CA()
    ours.cert_pem.write_to_path(str(folder / "ours.crt"))
    trustme.CA().cert_pem.write_to_path(str(folder / "theirs.crt"))
    for host in ("localhost", "elsewhere"):
        issued = ours.issue_cert(host)
        issued.private_key_pem.write_to_path(str(folder / f"{host}.key"))
        issued.cert_chain_pems[0].write_to_path(str(folder / f"{host}.crt"))
    (folder / "empty.crt").write_text("")
    users.add(folder / "users.json", "admin", "changeit", ["$admins"])
    users.add(folder / "users.json", "clerk", "secret", [])
    return folder


def secured(folder: Path, host: str) -> list[str]:
    files = {"--tls-cert": f"{host}.crt", "--tls-key": f"{host}.key", "--users": "users.json"}
    return [word for option, file in files.items() for word in (option, str(folder / file))]


@pytest.fixture(scope="module")
def localhost(folder: Path) -> Iterator[Node]:
    with start_node(None, *secured(folder, "localhost")) as node:
        yield node


@pytest.fixture(scope="module")
def elsewhere(folder: Path) -> Iterator[Node]:
    with start_node(None, *secured(folder, "elsewhere")) as node:
        yield node


def address(node: Node, folder: Path, user: str = "admin:changeit", ca: str | None = "ours.crt") -> str:
    return f"esdb://{user}@localhost:{node.port}" + (f"?tlsCaFile={folder / ca}" if ca else "")


def several(uri: str) -> str:
    """The same node twice, so that it is asked about the cluster first."""
    user, _, rest = uri.partition("@")
    host, question, options = rest.partition("?")
    return f"{user}@{host},{host}{question}{options}"


async def refuses(uri: str, *what: str) -> str:
    """Both ports, for what they do first; all `what` is in the message. Returns what gRPC said."""
    said = ""
    for each in (uri, several(uri)):
        store, log = EsdbStore(each), EsdbLog(each)
        with pytest.raises(AccessRefused) as append:
            await store.append("account-1", events(1), expected=NO_STREAM)
        with pytest.raises(AccessRefused) as head:
            await store.head()
        with pytest.raises(AccessRefused) as subscription:
            log.subscribe(prefixes=["account-"], after=None)
        for refused in (append, head, subscription):
            assert all(words in str(refused.value) for words in what), refused.value
            assert not any(words in str(refused.value) for words in _GRPC), refused.value
            said += refused.value.inner
        log.close()
        await store.close()
    return said


async def test_who_has_the_rights_is_served(localhost: Node, folder: Path) -> None:
    uri = several(address(localhost, folder))
    store, log = EsdbStore(uri), EsdbLog(uri)
    await store.append("account-admin", events(1), expected=NO_STREAM)
    assert len(await store.read_stream("account-admin")) == 1
    assert await store.head() == log.head(prefixes=["account-"]) > 0
    log.close()
    await store.close()


@pytest.mark.parametrize("user", ["admin:wrong", "nobody:changeit"])
async def test_a_wrong_password_says_where_to_give_the_right_one(
    localhost: Node, folder: Path, user: str
) -> None:
    said = await refuses(
        address(localhost, folder, user),
        "password",
        "DAYBOOK_ESDB_URI: esdb://user:password@host",
    )
    assert "UNAUTHENTICATED" in said


async def test_without_the_right_to_read_all_it_says_how_to_give_it(localhost: Node, folder: Path) -> None:
    uri, acl = address(localhost, folder, "clerk:secret"), '{"$acl": {"$r": ["$admins", "daybook"]}}'
    store, log = EsdbStore(uri), EsdbLog(uri)
    await store.append("account-clerk", events(1), expected=NO_STREAM)
    assert len(await store.read_stream("account-clerk")) == 1
    with pytest.raises(AccessRefused) as head:
        await store.head()
    with pytest.raises(AccessRefused) as subscription:
        log.subscribe(prefixes=["account-"], after=None)
    for refused in (head, subscription):
        assert acl in str(refused.value)
        assert "PERMISSION_DENIED" not in str(refused.value)
        assert "PERMISSION_DENIED" in refused.value.inner
    log.close()
    await store.close()


async def test_without_the_right_to_a_stream_it_names_the_stream(localhost: Node, folder: Path) -> None:
    store = EsdbStore(address(localhost, folder, "clerk:secret"))
    with pytest.raises(AccessRefused, match=r"no right for an append to \$mine"):
        await store.append("$mine", events(1), expected=NO_STREAM)
    with pytest.raises(AccessRefused, match=r"no right for a read of \$mine"):
        await store.read_stream("$mine")
    await store.append("account-2", events(1), expected=NO_STREAM)
    await store.close()


@pytest.mark.parametrize("ca", [None, "theirs.crt"])
async def test_a_certificate_of_an_unknown_authority_asks_for_that_authority(
    localhost: Node, folder: Path, ca: str | None
) -> None:
    said = await refuses(address(localhost, folder, ca=ca), "tlsCaFile=FILE")
    assert "CERTIFICATE_VERIFY_FAILED" in said


async def test_a_certificate_for_another_host_asks_for_its_name(elsewhere: Node, folder: Path) -> None:
    await refuses(address(elsewhere, folder), "for another host", "DAYBOOK_ESDB_URI")


async def test_a_server_without_tls_says_how_to_do_without(node: Node, folder: Path) -> None:
    said = await refuses(address(node, folder), "does not use TLS", "tls=false")
    assert "WRONG_VERSION_NUMBER" in said


async def test_an_authority_below_another_is_enough(folder: Path) -> None:
    """For reads, which gRPC checks, and for appends alike."""
    below = trustme.CA().create_child_ca()
    below.cert_pem.write_to_path(str(folder / "below.crt"))
    issued = below.issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(folder / "signed-below.key"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "signed-below.crt"))
    with start_node(None, *secured(folder, "signed-below")) as node:
        store = EsdbStore(address(node, folder, ca="below.crt"))
        await store.append("account-1", events(1), expected=NO_STREAM)
        assert await store.head() > 0
        await store.close()


@pytest.mark.parametrize("ca", ["missing.crt", "empty.crt"])
async def test_a_certificate_file_that_cannot_be_used_is_named(
    localhost: Node, folder: Path, ca: str
) -> None:
    await refuses(address(localhost, folder, ca=ca), "tlsCaFile", "DAYBOOK_ESDB_URI")


async def test_a_password_that_is_changed_back_is_accepted_without_a_restart(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "users.json"
    users.add(file, "admin", "another", ["$admins"])
    options = [str(file) if word.endswith("users.json") else word for word in secured(folder, "localhost")]
    with start_node(None, *options) as node:
        store = EsdbStore(address(node, folder))
        with pytest.raises(AccessRefused):
            await store.append("account-1", events(1), expected=NO_STREAM)
        with pytest.raises(AccessRefused):
            await store.head()
        users.add(file, "admin", "changeit", ["$admins"])
        await _until_accepted(store)
        assert len(await store.read_stream("account-1")) == 1
        await store.close()


async def _until_accepted(store: EsdbStore) -> None:
    batch = events(1)
    async with asyncio.timeout(20):
        while True:
            try:
                await store.append("account-1", batch, expected=NO_STREAM)
            except AccessRefused:
                await asyncio.sleep(0.2)
            else:
                return
