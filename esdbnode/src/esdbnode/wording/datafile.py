"""The data file: opening it, writing to it, damage, backups. Read by operators, and by users whose write is refused."""

from typing import Final

RESTORE: Final = "Stop the node and restore a backup."

# A file that cannot be opened.


def no_file(path: str) -> str:
    return f"There is no data file {path}. Name one with --data."


def in_use(path: str) -> str:
    return f"{path} is in use by another node. Stop that one, or give --data another file."


def cannot_lock(path: str, reason: str) -> str:
    return f"Cannot write {path}.lock: {reason}. Give --data a file in a folder that exists and is writable."


def cannot_read(path: str, reason: str) -> str:
    return f"Cannot read {path}: {reason}."


def cannot_open(log: str, reason: str) -> str:
    """`log` is a path, or the constant below."""
    return f"Cannot open {log}: {reason}. Is it a data file of this node, and writable?"


LOG_IN_MEMORY: Final = "the log in memory"


def another_programs(path: str) -> str:
    return f"{path} is another program's database. Give --data another file."


def another_schema(path: str, version: int, own: int) -> str:
    return (
        f"{path} has schema version {version}, this node writes version {own}. "
        "Open it with the release that wrote it."
    )


# A file that is damaged, found when it is opened.


def empty(path: str) -> str:
    return f"{path} is empty. Restore a backup, or delete the file to start with an empty log."


def missing_but_log_exists(path: str) -> str:
    return f"{path} is missing, but {path}-wal exists. Put {path} back, or restore a backup to another file."


def wrong_header(path: str) -> str:
    return f"{path} is damaged, or is not a database: its header is wrong. {RESTORE}"


def pages_without_checksums(path: str) -> str:
    return f"{path} is damaged: its pages have no checksums. Give --data another file, or restore a backup."


def another_programs_or_damaged(path: str) -> str:
    return f"{path} is another program's database, or damaged. Give --data another file, or restore a backup."


def damaged_or_not_ours(path: str, reason: str) -> str:
    return f"{path} is damaged, or not a data file of this node: {reason}. {RESTORE}"


def write_ahead_log_damaged(path: str, frame: int) -> str:
    return f"{path}-wal is damaged: it holds commits after frame {frame} that cannot be read. {RESTORE}"


def cut_short(path: str, size: int, stated: int) -> str:
    return f"{path} is damaged: cut short, {size} bytes of {stated}. {RESTORE}"


# Damage that is found when events are read or written.


def damaged(problem: str) -> str:
    """`problem` is in SQLite's words, or one of those below."""
    return f"The data file is damaged: {problem}. Damaged data is never served. {RESTORE}"


PAGE_NOT_ITS_CHECKSUM: Final = "a page does not match its checksum"


def event_not_its_checksum(position: int) -> str:
    return f"the event at position {position} does not match its checksum"


def row_not_its_checksum(number: int) -> str:
    """A page's rows state either positions or revisions."""
    return f"the event at position or revision {number} does not match its checksum"


# Writes that are refused.


def append_meets_damage(damage: str) -> str:
    """`damage` is `damaged`."""
    return f"{damage} Nothing of this append is stored."


def write_refused(reason: str) -> str:
    return f"The data file refused the write: {reason}. Nothing of this append is stored."


DISK_FULL: Final = "The disk is full: nothing of this append is stored. Make room, then append again."
TOO_MANY_WRITES: Final = "The node has too many writes waiting. Try again in a moment."

# Failures of the disk, for the log of the node.


def disk_failed(reason: str) -> str:
    return f"The disk failed ({reason}). The node ends; check the disk, then start it again."


def write_ahead_log_stays_long(reason: str) -> str:
    return f"the write-ahead log cannot be shortened now: {reason}"


# Backups.


def backed_up(data: str, to: str, size: int) -> str:
    return f"Backed up {data} to {to}: {size:,} bytes. To restore it, start a node with a copy of it."


def backup_exists(to: str) -> str:
    return f"{to} exists already. Move it away, or name another file."


def cannot_write_backup(to: str, reason: str) -> str:
    return f"Cannot write {to}: {reason}. Name a file in a folder that is writable."


def cannot_write_in(folder: str) -> str:
    return f"Cannot write in {folder}. Name a file in a folder that is writable."


def no_space_for_backup(folder: str) -> str:
    return f"The disk of {folder} is full: free some space, then back up again."


def copy_is_damaged(data: str, problem: str) -> str:
    """`problem` is one of those that a check finds."""
    return f"{data} is damaged ({problem}). Keep your older backups; --verify lists what is damaged."


def copying_meets_damage(data: str, reason: str) -> str:
    return (
        f"{data} is damaged ({reason}): a copy would be too. Keep your older backups; "
        "--verify lists what is damaged."
    )


def cannot_back_up(data: str, reason: str) -> str:
    return f"Cannot back up {data}: {reason}. Nothing was written."


# The result of a check.


def intact(data: str, events: int, streams: int) -> str:
    return f"{data}: {events:,} events in {streams:,} streams, intact"


def is_damaged(data: str) -> str:
    """Precedes the problems, a line for each."""
    return f"{data} is damaged:"


RESTORE_TO_A_NEW_FILE: Final = (
    "Stop the node and restore a backup: copy it to a new file, and start the node with that file as --data."
)


def problem_at(problem: str, where: str) -> str:
    """`where` is one of the next three."""
    return f"{problem} {where}"


IN_THE_STRUCTURE: Final = "(in the file's structure)"
IN_THE_INDEX: Final = "(in the index by stream)"


def after_position(position: int) -> str:
    return f"(after position {position})"


def file_cut_short(size: int, stated: int) -> str:
    return f"the file is cut short: {size} bytes of {stated}"


def position_out_of_order(position: int, before: int) -> str:
    return f"position {position} comes after {before}"


def event_without_names(position: int) -> str:
    return f"the stream or type of the event at position {position} has no name"


def revision_out_of_order(position: int, revision: int, expected: int) -> str:
    return f"the event at position {position} has revision {revision} in its stream instead of {expected}"


def index_incomplete(indexed: int, events: int) -> str:
    return f"the index by stream has {indexed} of {events} events"
