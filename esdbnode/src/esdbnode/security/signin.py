"""Which user a call is from: `authorization: Basic base64(name:password)`, as EventStoreDB reads it.

Without a header, or with another scheme than Basic, a caller is not signed in and has no rights. Checking a password is
expensive, so a correct header is remembered, as a keyed hash, until the users file changes. The number of waiting
checks is bounded, and calls that arrive at the same time with the same header share one check.
"""

import asyncio
import secrets
import sys
from base64 import b64decode
from hashlib import blake2b
from pathlib import Path

from esdbnode.call import Call, RpcError, Status
from esdbnode.security.passwords import checkers, matches
from esdbnode.security.refusal import CannotSecure
from esdbnode.security.users import User, Users, load, readable_by_others
from esdbnode.wording import calls, protocol, startup

REMEMBERED = 1_024
WAITING = 100
LOOK_SECONDS = 1.0

_Stamp = tuple[int, int, int]


class SignIn:
    """Belongs to the running event loop. Raises CannotSecure if `file` cannot be used."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._key = secrets.token_bytes(32)
        self._checkers = checkers()
        self._verified: dict[bytes, User] = {}
        self._pending: dict[bytes, asyncio.Future[bool]] = {}
        self._stamp = _stamp(file)
        self._looked = self._loop.time()
        self._users: Users = load(file)
        if readable_by_others(file):
            print(startup.users_readable_by_others(str(file)), file=sys.stderr, flush=True)

    async def user(self, call: Call) -> User | None:
        """None: not signed in. Raises RpcError: UNAUTHENTICATED, or RESOURCE_EXHAUSTED if too many checks wait."""
        header = call.metadata.get("authorization")
        if header is None:
            return None
        self._look()
        digest = blake2b(header.encode(), key=self._key, digest_size=32).digest()
        return self._verified.get(digest) or await self._check(digest, header)

    def close(self) -> None:
        self._checkers.shutdown(wait=False, cancel_futures=True)

    async def _check(self, digest: bytes, header: str) -> User | None:
        credential = credential_of(header)
        if credential is None:
            return None
        name, password = credential
        users = self._users
        user = users.get(name)
        if not await self._matches(digest, user.hash if user else None, password) or user is None:
            raise RpcError(Status.UNAUTHENTICATED, protocol.UNAUTHENTICATED)
        if users is self._users:
            if len(self._verified) >= REMEMBERED:
                del self._verified[next(iter(self._verified))]
            self._verified[digest] = user
        return user

    async def _matches(self, digest: bytes, hash: str | None, password: str) -> bool:
        checked = self._pending.get(digest)
        if checked is None:
            if len(self._pending) >= WAITING:
                raise RpcError(Status.RESOURCE_EXHAUSTED, calls.TOO_MANY_SIGN_INS)
            checked = self._loop.run_in_executor(self._checkers, matches, hash, password)
            self._pending[digest] = checked
            checked.add_done_callback(lambda _: self._pending.pop(digest, None))
        return await asyncio.shield(checked)

    def _look(self) -> None:
        """Read the users file again if it changed. While it cannot be used, the earlier users stay valid."""
        now = self._loop.time()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        stamp = _stamp(self._file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._users = load(self._file)
        except CannotSecure as error:
            print(startup.earlier_users_stay(str(error)), file=sys.stderr, flush=True)
            return
        self._verified.clear()


def credential_of(header: str) -> tuple[str, str] | None:
    """(name, password); None if the header has no password to check.

    Source: EventStoreDB's BasicHttpAuthenticationProvider.cs.
    """
    scheme, _, parameter = header.strip().partition(" ")
    if scheme != "Basic":
        return None
    try:
        text = b64decode(parameter.strip(), validate=True).decode(errors="replace")
    except ValueError:
        text = ""
    if not text:
        raise RpcError(Status.UNAUTHENTICATED, calls.MALFORMED_CREDENTIALS)
    name, colon, password = text.partition(":")
    return (name, password) if colon else None


def _stamp(file: Path) -> _Stamp | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
