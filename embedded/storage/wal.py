"""What SQLite passes over in silence: damage in the write-ahead log of a node that was killed.

SQLite takes the log up to the first frame that does not match its checksum, as after a torn write, and forgets the
rest. Only the last commit can be torn: each is on disk before the next begins. So a commit behind such a frame that has
more behind it was acknowledged, and the file is damaged. The last commit itself cannot be told from a torn one, nor
can a log that was cut short. Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_HEADER = 32
_FRAME = 24


def hides_commits(wal: Path, taken: int) -> bool:
    """`taken`: how many frames SQLite found to be good."""
    try:
        with open(wal, "rb") as file:
            header = file.read(_HEADER)
            if len(header) < _HEADER:
                return False
            if not _is_sound(header):
                return os.path.getsize(wal) > _HEADER
            return _commits_go_on(_frames(file, header, taken))
    except FileNotFoundError:
        return False


def _is_sound(header: bytes) -> bool:
    """Its two checksums, which cover its first 24 bytes."""
    order = ">" if header[3] & 1 else "<"
    first = second = 0
    for even, odd in struct.iter_unpack(f"{order}II", header[:24]):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return struct.unpack(">II", header[24:]) == (first, second)


def _frames(file: BinaryIO, header: bytes, taken: int) -> Iterator[bool]:
    """Whether each frame behind the first `taken` ends a commit; frames with other salts are of an older log."""
    (page_size,) = struct.unpack_from(">I", header, 8)
    at = _HEADER + taken * (_FRAME + page_size)
    while True:
        file.seek(at)
        frame = file.read(_FRAME)
        if len(frame) < _FRAME:
            return
        if frame[8:16] == header[16:24]:
            yield frame[4:8] != bytes(4)
        at += _FRAME + page_size


def _commits_go_on(frames: Iterator[bool]) -> bool:
    return any(frames) and next(frames, None) is not None
