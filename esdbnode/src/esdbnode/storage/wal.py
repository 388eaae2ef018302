"""Damage in the write-ahead log of a node that was killed, which SQLite does not report.

SQLite reads the log up to the first frame that does not match its checksum, as after a torn write, and ignores the
rest. Only the last commit can be torn: each is on disk before the next begins. So a commit after such a frame, with
more after it, was acknowledged, and the file is damaged. Damage to the last commit looks like a torn write, and so
does a log that was cut short. Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_HEADER = 32
_FRAME = 24


def hides_commits(wal: Path, taken: int) -> bool:
    """Whether the log holds acknowledged commits that SQLite ignored. `taken`: how many frames it accepted."""
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
    """Compares the two checksums of its first 24 bytes."""
    order = ">" if header[3] & 1 else "<"
    first = second = 0
    for even, odd in struct.iter_unpack(f"{order}II", header[:24]):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return struct.unpack(">II", header[24:]) == (first, second)


def _frames(file: BinaryIO, header: bytes, taken: int) -> Iterator[bool]:
    """Whether each frame after the first `taken` ends a commit. Frames with other salts belong to an older log."""
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
