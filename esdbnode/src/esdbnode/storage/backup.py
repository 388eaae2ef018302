"""A copy of the log as of one moment, also while a node writes to it."""

import os
from contextlib import closing
from pathlib import Path

import apsw

from esdbnode.storage.checking import verify
from esdbnode.storage.database import describe, is_damage, new_file, open_existing, sync
from esdbnode.wording import datafile


class CannotBackUp(Exception):
    """No backup was made; the message says why and what to do."""


def back_up(data: Path, to: Path) -> int:
    """Copy `data` to the new file `to`. Returns its size in bytes.

    Either the copy is complete, checked and on disk, or it does not exist. Raises CannotBackUp, and CannotOpen if
    `data` is not a data file.
    """
    if to.exists():
        raise CannotBackUp(datafile.backup_exists(str(to)))
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        _copy(data, part)
        if problems := verify(part).problems:
            raise CannotBackUp(datafile.copy_is_damaged(str(data), problems[0]))
        sync(part)
        part.rename(to)
        sync(to.parent)
    except OSError as error:
        raise CannotBackUp(datafile.cannot_write_backup(str(to), str(error.strerror))) from error
    finally:
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)
    return to.stat().st_size


def _copy(data: Path, part: Path) -> None:
    try:
        with closing(open_existing(data)) as source, closing(new_file(part)) as copy:
            copying = copy.backup("main", source, "main")
            copying.step(-1)
            copying.finish()
            copy.pragma("journal_mode", "delete")  # one file, which can be checked wherever it is kept
    except apsw.FullError as error:
        raise CannotBackUp(datafile.no_space_for_backup(str(part.parent))) from error
    except apsw.CantOpenError as error:
        raise CannotBackUp(datafile.cannot_write_in(str(part.parent))) from error
    except apsw.Error as error:
        if is_damage(error):
            raise CannotBackUp(datafile.copying_meets_damage(str(data), describe(error))) from error
        raise CannotBackUp(datafile.cannot_back_up(str(data), str(error))) from error
