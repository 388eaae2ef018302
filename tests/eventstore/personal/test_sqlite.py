"""Keys in a file: who may open it, and what is said if it cannot be used."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from eventstore.personal import messages, sqlite
from eventstore.personal.keys import KeysUnavailable
from eventstore.personal.sqlite import FILE, SqliteKeys, back_up
from tests.kit.messages import pattern_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys"


@pytest.fixture
def keys(folder: Path) -> Iterator[SqliteKeys]:
    with closing(SqliteKeys(folder)) as opened:
        yield opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "DEADLINE", 0.05)


def test_only_the_owner_can_open_the_folder_and_the_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    SqliteKeys(folder).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600


def test_nothing_but_the_file_is_left_in_the_folder(keys: SqliteKeys, folder: Path) -> None:
    keys.create("anna")
    keys.destroy("anna")
    assert [file.name for file in folder.iterdir()] == [FILE]


def test_a_file_that_was_not_written_again_after_a_destruction_is_when_it_is_opened(
    keys: SqliteKeys, folder: Path
) -> None:
    keys.destroy("anna")
    with closing(apsw.Connection(str(folder / FILE))) as other:
        other.pragma("user_version", 0)
        other.execute(
            "CREATE TABLE filling (bytes); INSERT INTO filling VALUES (zeroblob(100000)); DROP TABLE filling"
        )
        with_free_pages = (folder / FILE).stat().st_size
        SqliteKeys(folder).close()
        assert other.pragma("user_version") == 1
    assert (folder / FILE).stat().st_size < with_free_pages


@pytest.mark.usefixtures("impatient")
def test_a_file_that_others_keep_busy_is_given_up_after_the_deadline(folder: Path) -> None:
    busy = re.escape(messages.file_busy(str(folder / FILE), 0.05))
    with closing(SqliteKeys(folder)) as keys, closing(apsw.Connection(str(folder / FILE))) as other:
        other.execute("BEGIN EXCLUSIVE")
        for call in (keys.create, keys.get, keys.destroy):
            with pytest.raises(KeysUnavailable, match=busy):
                call("anna")
        other.execute("ROLLBACK")
        assert keys.get("anna") is None


@pytest.mark.parametrize("damage", [b"nothing of SQLite" * 99, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_named_and_left_as_it_is(folder: Path, damage: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(damage)
    with pytest.raises(KeysUnavailable, match=re.escape(messages.file_damaged(str(folder / FILE)))):
        SqliteKeys(folder)
    assert (folder / FILE).read_bytes() == damage


def test_damage_that_is_met_later_is_named_too(keys: SqliteKeys, folder: Path) -> None:
    for number in range(500):
        keys.create(f"person-{number}")
    keys.close()
    with open(folder / FILE, "r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 8)
    with closing(SqliteKeys(folder)) as again, pytest.raises(KeysUnavailable) as raised:
        again.get_all([f"person-{number}" for number in range(500)])
    assert str(raised.value) == messages.file_damaged(str(folder / FILE))


def test_a_file_of_another_program_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True)
    with closing(apsw.Connection(str(folder / FILE))) as other:
        other.execute("CREATE TABLE theirs (a)")
    with pytest.raises(KeysUnavailable, match=re.escape(messages.not_a_file_of_keys(str(folder / FILE)))):
        SqliteKeys(folder)


def test_a_folder_that_cannot_be_used_is_named_with_the_reason(folder: Path) -> None:
    unusable = pattern_of(messages.file_unusable, file=str(folder / FILE))
    folder.parent.mkdir()
    folder.write_text("a file, not a folder")
    with pytest.raises(KeysUnavailable, match=unusable):
        SqliteKeys(folder)
    folder.unlink()
    (folder / FILE).mkdir(parents=True)
    with pytest.raises(KeysUnavailable, match=unusable):
        SqliteKeys(folder)


def test_a_copy_holds_the_keys_of_its_time_for_the_owner_only(
    keys: SqliteKeys, folder: Path, tmp_path: Path
) -> None:
    anna = keys.create("anna")
    copy = tmp_path / "copies" / FILE
    copy.parent.mkdir()
    back_up(folder, copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    keys.destroy("anna")
    with closing(SqliteKeys(copy.parent)) as restored:
        assert restored.get("anna") == anna
        restored.destroy("anna")
        assert anna not in copy.read_bytes()


def test_a_copy_is_made_of_keys_that_are_there_and_over_no_other_file(
    keys: SqliteKeys, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("of somebody")
    with pytest.raises(KeysUnavailable, match=pattern_of(messages.copy_not_made, copy=str(taken))):
        back_up(tmp_path / "var" / "keys", taken)
    assert taken.read_text() == "of somebody"
    with pytest.raises(KeysUnavailable, match=pattern_of(messages.file_unusable)):
        back_up(tmp_path / "nowhere", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
