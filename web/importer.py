"""What the pages of imports need from whoever keeps files and imports them: see app/importing/importer.py."""

from collections.abc import AsyncIterator
from typing import Final, Protocol
from uuid import UUID

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a file that a page takes."""


class FileTooLarge(Exception):
    """It has more than LARGEST bytes. Nothing of it was kept."""


class NoRoom(Exception):
    """The folder of files is full, and none of them is old enough to go."""


class Importer(Protocol):
    @property
    def is_full(self) -> bool:
        """So many imports run and wait that no other one should start."""

    async def keep(self, chunks: AsyncIterator[bytes]) -> str:
        """The digest of the file: its SHA-256 as hexadecimal digits. Raises FileTooLarge, NoRoom, OSError."""

    def has(self, digest: str) -> bool:
        """Whether the file is still kept, so that its import can start again."""

    def start(self, import_id: UUID, run: UUID) -> None:
        """Carry out that run of an import, in a process of its own. What comes of it is in the log.

        It waits its turn while others run.
        """

    async def close(self) -> None:
        """End what runs. What was booked stays booked, and the import may start again."""
