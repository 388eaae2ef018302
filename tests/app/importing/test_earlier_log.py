"""Files that a version booked which knew each line by its exact text: they are recognised whole.

`tests/fixtures/imports` has that version's log, and the files. Normalising changes most of their notes.
"""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstore.esdb import EsdbLog
from tests.app.importing.running import run
from tests.kit.node import PROJECT, Node, start_node

_FOLDER = PROJECT / "tests" / "fixtures" / "imports" / "folder.tar.xz"
_BERKA = ("--format", "berka")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    unpacked = tmp_path_factory.mktemp("earlier")
    with tarfile.open(_FOLDER) as archive:
        archive.extractall(unpacked, filter="data")
    return unpacked


@pytest.fixture(scope="module")
def earlier(folder: Path) -> Iterator[Node]:
    with start_node(folder / "node.sqlite") as node:
        yield node


@pytest.mark.parametrize(
    ("file", "lines", "options"),
    [
        pytest.param("texts.csv", 88, (), id="each form of a text"),
        pytest.param("random.csv", 240, (), id="any characters"),
        pytest.param("euro.csv", 12, ("--currency", "EUR"), id="equal lines on one day"),
        pytest.param("far.csv", 3, (), id="days that are refused today"),
        pytest.param("berka.asc", 106, _BERKA, id="the bank's ids and balances"),
    ],
)
def test_a_file_that_an_earlier_version_booked_is_recognised_whole(
    earlier: Node, folder: Path, file: str, lines: int, options: tuple[str, ...]
) -> None:
    log = EsdbLog(earlier.uri)
    before = _entries(log)
    for check in ((), ("--check",)):
        code, out, _ = run(earlier, folder / file, *options, *check, "--json")
        report = json.loads(out)
        assert code == 0
        assert (report["transactions"], report["already_booked"], report["booked"]) == (lines, lines, 0)
        assert len({each["entry_id"] for each in report["recognised"]}) == lines
        assert (report.get("to_book", 0), report["held"], report["missing"]) == (0, [], [])
        assert report["differing"] == report["wrong"] == 0
    assert _entries(log) == before
    log.close()


def _entries(log: EsdbLog) -> int:
    return sum(1 for _ in log.read(prefixes=["account-"], after=None))
