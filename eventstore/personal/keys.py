"""The port to the keys of people's personal data. To destroy a person's key is to delete what was sealed with it.

KeyStoreError
├── KeysUnavailable   no answer in time, or a store that cannot be used: the message says why, and what to do
└── KeyDestroyed      the person was deleted: there will never be a key again
"""

from collections.abc import Sequence
from typing import Final, Protocol

from eventstore.personal import messages

KEY_BYTES: Final = 32


class KeyStoreError(Exception):
    pass


class KeysUnavailable(KeyStoreError):
    """`inner` is what the store itself said, for lines of the log."""

    def __init__(self, reason: str, inner: str = "") -> None:
        super().__init__(reason)
        self.inner = inner


class KeyDestroyed(KeyStoreError):
    def __init__(self, user_id: str) -> None:
        super().__init__(messages.key_destroyed(user_id))
        self.user_id = user_id


class KeyStore(Protocol):
    """A key has 32 bytes. Any thread may call; each call is bounded by a deadline and may raise KeysUnavailable."""

    def create(self, user_id: str) -> bytes:
        """The person's key, made if there is none. Raises KeyDestroyed."""

    def get(self, user_id: str) -> bytes | None:
        """None: never made, or destroyed."""

    def get_all(self, user_ids: Sequence[str]) -> list[bytes | None]:
        """As `get` for each, in their order."""

    def destroy(self, user_id: str) -> None:
        """For ever, also if the person has no key yet.

        When it returns, no file of the store holds the key. If it raised, repeat it; repeating is always harmless.
        """

    def destroyed_after(self, sequence: int) -> tuple[int, list[str]]:
        """The number of the latest destruction, and the ids of those after number `sequence` (0: of all), in order.

        For whoever has to forget what it holds in memory. A store that was restored from an older copy, which
        has not got as far as `sequence`, gives all of them.
        """

    def close(self) -> None: ...
