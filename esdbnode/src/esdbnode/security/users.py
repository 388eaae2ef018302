"""The users file: JSON, readable only by its owner, replaced completely or not at all.

    {"users": {"alice": {"hash": "$argon2id$...", "groups": ["$admins"]}}}

EventStoreDB knows two groups: $admins may do everything, $ops operate it. The user named `admin` is an administrator.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from esdbnode.security.passwords import hash_of, is_hash
from esdbnode.security.refusal import CannotSecure
from esdbnode.wording import startup

EVERYONE = "$all"
ADMINS = "$admins"
_ADMIN = "admin"


class User(NamedTuple):
    """`roles`: the names by which an ACL can mean this user: the user's name, the groups, and the role of everyone."""

    name: str
    hash: str
    roles: frozenset[str]

    @property
    def is_admin(self) -> bool:
        return self.name == _ADMIN or ADMINS in self.roles


Users = Mapping[str, User]


def load(file: Path) -> Users:
    """The users in the file, at least one. Raises CannotSecure."""
    try:
        users = {name: _user(name, entry) for name, entry in _read(file).items()}
    except ValueError as error:
        raise CannotSecure(startup.users_damaged(str(file), str(error))) from None
    if not users:
        raise CannotSecure(startup.no_users(str(file)))
    return users


def readable_by_others(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o077)


def add(file: Path, name: str, password: str, groups: Sequence[str]) -> bool:
    """Add a user, or replace the password and groups of an existing one. Returns whether the user is new."""
    _require_usable(name, password, groups)
    with _alone(file):
        try:
            entries = _read(file) if file.exists() else {}
            for known, entry in entries.items():
                _user(known, entry)
        except ValueError as error:
            raise CannotSecure(startup.users_damaged_before_adding(str(file), str(error))) from None
        is_new = name not in entries
        entries[name] = {"hash": hash_of(password), "groups": list(groups)}
        _replace(file, json.dumps({"users": entries}, indent=2, ensure_ascii=False) + "\n")
    return is_new


def _read(file: Path) -> dict[str, Any]:
    """The entries by name. Raises ValueError, CannotSecure."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise CannotSecure(startup.cannot_read_users(str(file), str(error.strerror))) from None
    try:
        return dict(json.loads(text)["users"].items())
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise ValueError(startup.NOT_JSON_OF_USERS) from None


def _user(name: str, entry: Any) -> User:
    if not isinstance(entry, dict) or not is_hash(entry.get("hash")):
        raise ValueError(startup.user_without_hash(name))
    groups = entry.get("groups")
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise ValueError(startup.groups_not_names(name))
    return User(name, entry["hash"], frozenset((name, *groups, EVERYONE)))


def _require_usable(name: str, password: str, groups: Sequence[str]) -> None:
    if not name or ":" in name or name.startswith("$") or not name.isprintable():
        raise CannotSecure(startup.not_a_user_name(name))
    if not password:
        raise CannotSecure(startup.PASSWORD_MISSING)
    for group in groups:
        if not group or not group.isprintable():
            raise CannotSecure(startup.not_a_group_name(group))


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Two processes that change the file at the same time take turns."""
    try:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise CannotSecure(startup.cannot_use_folder(str(file.parent), str(error.strerror))) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _replace(file: Path, text: str) -> None:
    """Writes through a temporary file, which has mode 0600 from the moment it is created."""
    try:
        handle, written = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise CannotSecure(startup.cannot_write_in_folder(str(file.parent), str(error.strerror))) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(written, file)
    except OSError as error:
        Path(written).unlink(missing_ok=True)
        raise CannotSecure(startup.cannot_write_users(str(file), str(error.strerror))) from None
