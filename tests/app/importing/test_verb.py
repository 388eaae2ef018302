"""`daybook import` as a person or a script runs it, also killed and interrupted."""

import asyncio
import errno
import json
import os
import pty
import random
import re
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from app.messages import importing as messages
from app.messages.verbs import refused
from commands.accounts import Accounts
from domain.accounts import CloseAccount
from domain.identifiers import AccountId
from domain.messages import account_is_closed, too_many_decimals, unknown_currency
from eventstore.esdb import EsdbLog, EsdbStore
from eventstore.store import Recorded
from tests.app.importing.running import run as _run
from tests.app.importing.running import start as _start
from tests.kit.accounts import create
from tests.kit.contexts import context_of
from tests.kit.messages import pattern_of
from tests.kit.node import Node, start_node

_DATA = Path(__file__).parent / "data"


_IN_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""Like a job that a shell starts with `&`."""


def _amounts(node: Node) -> dict[str, list[int]]:
    """The signed amounts in the log, by account, in order."""
    log = EsdbLog(node.uri)
    found = defaultdict(list)
    for message in log.read(prefixes=["account-"], after=None):
        assert isinstance(message, Recorded)
        event = json.loads(message.data)
        if "amount" in event:
            sign = 1 if message.type == "MoneyDeposited" else -1
            found[event["account_id"]].append(sign * event["amount"])
    log.close()
    return found


def _invented(file: Path, lines: int) -> dict[str, list[int]]:
    """Writes a plain file. Returns the entries that the log has to hold in the end."""
    chance = random.Random(11)
    expected = defaultdict(list)
    with file.open("w") as out:
        out.write("account,date,amount,note\n")
        for n in range(lines):
            account, amount = f"a{chance.randrange(100)}", chance.choice([-1, 1]) * chance.randint(1, 999)
            expected[account].append(amount)
            sign, cents = "-" if amount < 0 else "", abs(amount)
            out.write(f"{account},2026-01-{n * 28 // lines + 1:02},{sign}{cents // 100}.{cents % 100:02},n\n")
    return expected


def test_the_report_is_for_people_and_separate_from_the_progress(tmp_path: Path) -> None:
    with start_node() as node:
        code, out, err = _run(node, _DATA / "small.asc", "--format", "berka")
        assert code == 0
        about, booked, reconciled, listed, differs = map(str.strip, out.splitlines())
        assert about == messages.about("berka", "CZK", "1993-01-01", "1994-02-28")
        assert re.fullmatch(
            pattern_of(messages.booked, booked=9, transactions=9, accounts=3, already=0), booked
        )
        assert reconciled == messages.reconciled(exact=7, rounded=1, differing=1, unchecked=0)
        assert listed == messages.listed(1, messages.DIFFERENCES)
        assert differs == messages.differs(9, "2", "1993-01-31", "-10.50", messages.was_booked("-1.00"))
        assert messages.progress(messages.DOING["booking"], 9, 9) in err


def test_with_json_the_report_is_one_document() -> None:
    with start_node() as node:
        for booked in (5, 0):
            code, out, _ = _run(node, _DATA / "small.csv", "--currency", "EUR", "--json")
            report = json.loads(out)
            assert code == 0
            names = ("transactions", "booked", "already_booked", "accounts", "currency", "unchecked", "exact")
            assert [report[name] for name in names] == [5, booked, 5 - booked, 3, "EUR", 5, 0]
            assert len(report["recognised"]) == 5 - booked
            assert "to_book" not in report
        assert _amounts(node) == {
            "rent": [300_000, -120_000],
            "salary": [250_050],
            "coffee": [-240, -240],
        }


def test_a_check_books_nothing_and_says_what_it_would_book() -> None:
    with start_node() as node:
        code, out, _ = _run(node, _DATA / "small.csv", "--check", "--json")
        report = json.loads(out)
        assert (code, report["booked"], report["to_book"]) == (0, 0, 5)
        code, out, _ = _run(node, _DATA / "small.csv", "--check")
        assert code == 0
        assert messages.to_book(5, transactions=5, accounts=3, already=0) in out
        assert _amounts(node) == {}


def test_what_was_held_back_is_printed_beside_what_it_resembles_and_exits_1(tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"
    with start_node() as node:
        for note, code in (("PENDING Cafe", 0), ("Cafe Orion", 1)):
            file.write_text(f"account,date,amount,note\na,2026-03-02,-48.00,{note}\n")
            exited, out, _ = _run(node, file)
            assert exited == code
        assert messages.listed(1, messages.HELD) in out
        assert messages.held(2, "a", "2026-03-02", "-48.00", "Cafe Orion") in out
        assert "'PENDING Cafe'" in out
        assert messages.listed(1, messages.MISSING) in out
        code, _, _ = _run(node, file, "--book-similar")
        assert code == 0
        assert _amounts(node) == {"a": [-48_00, -48_00]}
        for _ in range(2):
            code, _, _ = _run(node, file, "--all-new")
            assert code == 0
        assert _amounts(node) == {"a": [-48_00] * 3}


@pytest.mark.asyncio(loop_scope="session")
async def test_lines_on_a_closed_account_are_printed_up_to_a_number_and_exit_1(
    own_node: Node, tmp_path: Path
) -> None:
    store, file = EsdbStore(own_node.uri), tmp_path / "statement.csv"
    closing = CloseAccount(account_id=AccountId("old"), command_id=uuid4())
    for command in (create(1, account="old"), closing):
        await Accounts(store).handle(command, context_of(command))
    rows = [f"old,2026-01-05,{amount}.00,n" for amount in range(1, 26)]
    file.write_text("\n".join(["account,date,amount,note", "new,2026-01-05,7.00,n", *rows]))
    code, out, _ = await asyncio.to_thread(_run, own_node, file)
    assert code == 1
    reason = account_is_closed("old")
    shown = [line.strip() for line in out.splitlines()]
    at = shown.index(messages.listed(25, messages.REFUSED))
    assert shown[at + 1] == messages.line_refused(3, "old", "1.00", reason)
    assert shown[at + 21] == messages.more(5)
    code, out, _ = await asyncio.to_thread(_run, own_node, file, "--json")
    report = json.loads(out)
    assert code == 1
    assert (report["booked"], report["already_booked"], len(report["refused"])) == (0, 1, 25)
    assert report["refused"][-1] == {"line": 27, "account": "old", "amount": "25.00", "reason": reason}
    await store.close()


def test_a_malformed_line_is_refused_before_anything_is_booked(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text((_DATA / "small.csv").read_text() + "rent,2026-01-09,12.345,\n")
    with start_node() as node:
        code, out, err = _run(node, file)
        reason = too_many_decimals("12.345", 3, "CZK", 2).removesuffix(".")
        fault = messages.fault(messages.named_column(7, "amount"), reason)
        malformed = messages.malformed(str(file), [fault], 0)
        assert (code, out) == (1, "")
        assert refused("import", malformed) in err
        assert _amounts(node) == {}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.csv"], messages.file_unreadable("missing.csv", os.strerror(errno.ENOENT))),
        (["tests"], messages.file_unreadable("tests", os.strerror(errno.EISDIR))),
        (
            [_DATA / "small.csv", "--currency", "Euro"],
            messages.invalid_currency(unknown_currency("Euro")),
        ),
        ([_DATA / "small.csv", "--format", "xls"], "invalid choice: 'xls'"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_2(arguments: list[object], says: str) -> None:
    with start_node() as node:
        code, out, err = _run(node, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.timeout(120)
def test_an_import_killed_anywhere_and_run_again_ends_in_the_same_state(tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    expected = _invented(file, 20_000)
    chance = random.Random(3)
    interrupted = 0
    with start_node(tmp_path / "log.db") as node:
        for _ in range(4):
            with _start(node, file, stderr=subprocess.DEVNULL) as process:
                _await_more(node, after=_entries_end(node))
                time.sleep(chance.uniform(0, 0.4))
                process.kill()
            interrupted += process.returncode == -signal.SIGKILL
        code, out, _ = _run(node, file, "--json")
        assert code == 0
        report = json.loads(out)
        assert interrupted >= 2
        assert report["already_booked"] > 0
        assert report["booked"] + report["already_booked"] == report["unchecked"] == 20_000
        assert _amounts(node) == expected


@pytest.mark.parametrize("by", [(), _IN_BACKGROUND], ids=["alone", "in background"])
def test_ctrl_c_ends_an_import_cleanly_and_the_next_one_continues(tmp_path: Path, by: Sequence[str]) -> None:
    file = tmp_path / "bank.csv"
    expected = _invented(file, 20_000)
    with start_node(tmp_path / "log.db") as node:
        with _start(node, file, by=by) as process:
            _await_more(node, after=0)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert refused("import", messages.INTERRUPTED) in err
        assert "Traceback" not in err
        code, _, _ = _run(node, file)
        assert code == 0
        assert _amounts(node) == expected


def _await_more(node: Node, after: int) -> None:
    deadline = time.monotonic() + 20
    while _entries_end(node) <= after and time.monotonic() < deadline:
        time.sleep(0.02)


def _entries_end(node: Node) -> int:
    with closing(EsdbLog(node.uri)) as log:
        return log.head(prefixes=["account-"])


def test_on_a_terminal_there_is_a_progress_bar(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with start_node() as node:
        with _start(node, _DATA / "small.csv", stderr=theirs) as process:
            out, _ = process.communicate(timeout=60)
        os.close(theirs)
        shown = os.read(ours, 65536).decode()
        os.close(ours)
    assert process.returncode == 0
    assert "━" in shown
    assert "5/5" in shown
    assert "━" not in out


def _imports(node: Node) -> list[tuple[str, dict[str, object]]]:
    """The types and data of the events of imports in the log."""
    log = EsdbLog(node.uri)
    found = [m for m in log.read(prefixes=["import-"], after=None) if isinstance(m, Recorded)]
    log.close()
    return [(each.type, json.loads(each.data)) for each in found if each.type != "ImportProgressed"]


def test_what_a_run_books_is_recorded_and_a_check_is_not() -> None:
    with start_node() as node:
        assert _run(node, _DATA / "small.csv", "--currency", "EUR", "--check")[0] == 0
        assert _imports(node) == []
        assert _run(node, _DATA / "small.csv", "--currency", "EUR")[0] == 0
        (started, about), (ended, result) = _imports(node)
        assert (started, ended) == ("ImportStarted", "ImportBooked")
        assert (about["file"], about["currency"], about["only_check"]) == ("small.csv", "EUR", False)
        report = result["report"]
        assert isinstance(report, dict)
        assert (report["booked"], report["to_book"]) == (5, None)
