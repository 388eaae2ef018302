"""A node on a disk whose fsync fails: `python failing_disk.py TRIGGER NODE-OPTIONS`.

While the file TRIGGER exists, every fsync ends with EIO; while TRIGGER-data exists, only those of the data file.

SQLite itself meets the failure: its files go through a VFS below everything else.
"""

import os
import sys

import apsw

from esdbnode import commandline

BASE = "unix"


class FailingFile(apsw.VFSFile):
    def __init__(self, trigger: str, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        super().__init__(BASE, name, flags)
        is_data = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_DB)
        self._triggers = [trigger, f"{trigger}-data"] if is_data else [trigger]

    def xSync(self, flags: int) -> None:
        if any(map(os.path.exists, self._triggers)):
            error = apsw.IOError("fsync: Input/output error")
            error.extendedresult = apsw.SQLITE_IOERR_FSYNC  # type: ignore[attr-defined]
            raise error
        super().xSync(flags)


class FailingDisk(apsw.VFS):
    def __init__(self, trigger: str) -> None:
        super().__init__("failing", BASE, makedefault=True)
        self._trigger = trigger

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> FailingFile:
        return FailingFile(self._trigger, name, flags)


if __name__ == "__main__":
    disk = FailingDisk(sys.argv.pop(1))
    sys.exit(commandline.main())
