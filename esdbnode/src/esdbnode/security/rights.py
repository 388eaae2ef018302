"""What a user may do to a stream. Source: EventStoreDB's LegacyStreamPermissionAssertion.cs, as recorded:

 1. A caller who is not signed in may do nothing, whatever an ACL says.
 2. No one may write or delete $all, or delete a metastream, not even administrators.
 3. Administrators may do everything else.
 4. Reading or writing a metastream is reading or writing the metadata ($mr, $mw) of the stream that it describes.
 5. The roles that have a right come from the stream's own ACL; or else from the default in $settings; or else from the
    built-in default: everyone for ordinary streams, administrators for streams whose names begin with $.

Rights are looked up for the stream that the request names. A user who may read $all or a link sees the events in it,
whatever the ACLs of the events' own streams say.
"""

import json

from esdbnode.access import Action
from esdbnode.security.users import ADMINS, EVERYONE, User
from esdbnode.storage.log import Log
from esdbnode.streams.metadata import (
    Acl,
    acl_of,
    deleted_with_its_stream,
    is_metastream,
    last_json,
    metadata_of,
)

ALL = "$all"
SETTINGS = "$settings"
_REMEMBERED = 10_000
_SYSTEM, _ORDINARY = frozenset((ADMINS,)), frozenset((EVERYONE,))


class Rights:
    """ACLs are read from the log and kept until a commit changes their source, so a change takes effect at once."""

    def __init__(self, log: Log) -> None:
        self._log = log.read
        self._acls: dict[str, Acl | None] = {}
        self._defaults: dict[str, Acl] | None = None
        log.listen(self._written)

    def may(self, user: User | None, action: Action, stream: str) -> bool:
        stream = stream or ALL
        if user is None or (stream == ALL and action is not Action.READ):
            return False
        right = f"${action}"
        if is_metastream(stream):
            if action is Action.DELETE:
                return False
            right, stream = f"$m{action}", stream[2:]
        return user.is_admin or not user.roles.isdisjoint(self._roles(right, stream))

    def _roles(self, right: str, stream: str) -> frozenset[str]:
        own = self._own(stream)
        if own and right in own:
            return own[right]
        kind, built_in = (
            ("$systemStreamAcl", _SYSTEM) if stream.startswith("$") else ("$userStreamAcl", _ORDINARY)
        )
        if self._defaults is None:
            self._defaults = _settings(last_json(self._log, SETTINGS))
        return self._defaults.get(kind, {}).get(right, built_in)

    def _own(self, stream: str) -> Acl | None:
        """A tombstoned stream has lost its metadata."""
        if stream in self._acls:
            return self._acls[stream]
        acl = None if deleted_with_its_stream(self._log, stream) else metadata_of(self._log, stream).acl
        if len(self._acls) >= _REMEMBERED:
            self._acls.clear()
        self._acls[stream] = acl
        return acl

    def _written(self, streams: set[str]) -> None:
        for stream in streams:
            if is_metastream(stream):
                self._acls.pop(stream[2:], None)
            elif stream == SETTINGS:
                self._defaults = None
            if self._acls.get(stream) is not None:
                del self._acls[stream]  # It may have been tombstoned.


def _settings(data: bytes | None) -> dict[str, Acl]:
    """Invalid settings have no effect. Source: EventStoreDB's SystemSettings.cs."""
    try:
        fields = json.loads(data or b"{}")
        return {
            name: acl_of(fields[name]) for name in ("$systemStreamAcl", "$userStreamAcl") if name in fields
        }
    except (ValueError, TypeError, RecursionError):
        return {}
