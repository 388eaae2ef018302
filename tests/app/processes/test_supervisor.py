"""The supervisor's rules, each with real processes: the supervisor in one, its children in others."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.messages import running as messages
from app.processes.children import LINE_LIMIT, child_environment

STAYS = "ready(); time.sleep(600)"
IGNORES_SIGTERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN); ready(); time.sleep(600)"
ENDS_AT_ONCE = "ready(); sys.exit(3)"


class Supervised:
    """A supervisor that runs stand-ins, and their notes in its folder."""

    def __init__(self, folder: Path, parts: dict[str, str], *changes: str) -> None:
        self.folder = folder
        argv = ["-m", "tests.app.processes.standins", str(folder), json.dumps(list(parts.items())), *changes]
        self.process = subprocess.Popen(
            [sys.executable, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=child_environment()
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == b"all ready\n"

    def notes(self) -> list[str]:
        file = self.folder / "notes"
        return file.read_text().splitlines() if file.exists() else []

    def pids(self, name: str) -> list[int]:
        return [int(note.split()[2]) for note in self.notes() if note.startswith(f"{name} pid ")]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, float]:
        """Exit code, stderr, duration in seconds."""
        began = time.monotonic()
        self.process.send_signal(number)
        return *self.ended(), time.monotonic() - began

    def ended(self) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said.decode()


Start = Callable[..., Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started = []

    def begin(parts: dict[str, str], *changes: str) -> Supervised:
        started.append(Supervised(tmp_path, parts, *changes))
        return started[-1]

    yield begin
    for supervised in started:
        supervised.process.kill()
        supervised.process.communicate()


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def restarts(supervised: Supervised) -> list[str]:
    """Ends it. What it said about the parts that ended before."""
    _, said, _ = supervised.end()
    return [
        text
        for speaker, _, text in (line.partition(" | ") for line in said.splitlines())
        if speaker.strip() == "daybook"
    ]


def weak_ended(*pauses: float) -> list[str]:
    return [messages.part_ended("weak", messages.exit_code(3), pause) for pause in pauses]


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_parts_start_in_order_and_end_in_reverse(start: Start) -> None:
    supervised = start({"log": STAYS, "models": STAYS, "web": STAYS})
    supervised.wait_until_ready()
    code, _, seconds = supervised.end()
    assert code == 0
    assert seconds < 2
    started = [note.split()[0] for note in supervised.notes() if " pid " in note]
    assert started == ["log", "models", "web"]
    assert [note for note in supervised.notes() if "SIGTERM" in note] == [
        "web SIGTERM",
        "models SIGTERM",
        "log SIGTERM",
    ]


def test_a_part_waits_until_the_one_before_it_is_ready(start: Start) -> None:
    supervised = start({"slow": "time.sleep(0.5); note('ready'); " + STAYS, "next": STAYS})
    supervised.wait_until_ready()
    assert [note.split()[:2] for note in supervised.notes()] == [
        ["slow", "pid"],
        ["slow", "ready"],
        ["next", "pid"],
    ]


def test_a_child_that_ends_is_started_again_with_growing_pauses_and_messages(start: Start) -> None:
    supervised = start({"steady": STAYS, "weak": ENDS_AT_ONCE})
    until(lambda: len(supervised.pids("weak")) >= 5)
    assert restarts(supervised)[:4] == weak_ended(0.1, 0.2, 0.4, 0.8)
    assert len(supervised.pids("steady")) == 1


def test_the_pause_never_exceeds_the_longest(start: Start) -> None:
    supervised = start({"weak": ENDS_AT_ONCE}, "LONGEST_PAUSE=0.2")
    until(lambda: len(supervised.pids("weak")) >= 5)
    assert restarts(supervised)[:4] == weak_ended(0.1, 0.2, 0.2, 0.2)


def test_a_child_that_was_healthy_for_long_enough_starts_its_backoff_from_the_beginning(start: Start) -> None:
    supervised = start({"weak": "ready(); time.sleep(0.3); sys.exit(3)"}, "HEALTHY_SECONDS=0.2")
    until(lambda: len(supervised.pids("weak")) >= 4)
    assert restarts(supervised)[:3] == weak_ended(0.1, 0.1, 0.1)


def test_a_killed_child_is_reaped_and_started_again(start: Start) -> None:
    supervised = start({"steady": STAYS})
    supervised.wait_until_ready()
    psutil.Process(supervised.pids("steady")[0]).kill()
    until(lambda: len(supervised.pids("steady")) == 2)
    children = psutil.Process(supervised.process.pid).children()
    assert [child.pid for child in children] == supervised.pids("steady")[1:]
    assert restarts(supervised) == [messages.part_ended("steady", "SIGKILL", 0.1)]


def test_parts_of_one_kind_start_and_end_together(start: Start) -> None:
    waits = "while 'web 2 pid' not in (folder / 'notes').read_text(): time.sleep(0.02)\n" + STAYS
    supervised = start({"log": STAYS, "web 1": waits, "web 2": IGNORES_SIGTERM, "web 3": STAYS})
    supervised.wait_until_ready()
    assert supervised.notes()[0].startswith("log pid")
    supervised.end()
    ended = [note for note in supervised.notes() if "SIGTERM" in note]
    assert sorted(ended[:2]) == ["web 1 SIGTERM", "web 3 SIGTERM"]
    assert ended[2:] == ["log SIGTERM"]


def test_a_part_that_never_gets_ready_ends_all_with_a_sentence_and_code_1(start: Start) -> None:
    supervised = start({"log": STAYS, "broken": "print('no such table'); sys.exit(7)"})
    code, said = supervised.ended()
    assert code == 1
    assert "broken    | no such table" in said
    assert said.splitlines()[-1] == messages.part_never_ready("broken", 3, messages.exit_code(7))
    assert all(gone(pid) for pid in supervised.pids("log") + supervised.pids("broken"))


def test_a_child_that_ignores_sigterm_is_killed_within_5_seconds(start: Start) -> None:
    supervised = start({"log": STAYS, "deaf": IGNORES_SIGTERM})
    supervised.wait_until_ready()
    code, _, seconds = supervised.end()
    assert code == 0
    assert 3.5 < seconds < 5
    assert "log SIGTERM" in supervised.notes()
    assert all(gone(pid) for pid in supervised.pids("log") + supervised.pids("deaf"))


def test_four_children_that_ignore_sigterm_are_killed_within_5_seconds(start: Start) -> None:
    supervised = start(dict.fromkeys(("valkey", "node", "projector", "web"), IGNORES_SIGTERM))
    supervised.wait_until_ready()
    code, _, seconds = supervised.end()
    assert code == 0
    assert seconds < 5


def test_a_second_ctrl_c_kills_at_once(start: Start) -> None:
    supervised = start({"deaf": IGNORES_SIGTERM})
    supervised.wait_until_ready()
    supervised.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    code, _, seconds = supervised.end(signal.SIGINT)
    assert code == 0
    assert seconds < 1


def test_a_stop_during_the_start_ends_what_was_started(start: Start) -> None:
    supervised = start({"log": STAYS, "slow": "time.sleep(600)"})
    until(lambda: supervised.pids("slow"))
    code, _, seconds = supervised.end()
    assert code == 0
    assert seconds < 2
    assert all(gone(pid) for pid in supervised.pids("log") + supervised.pids("slow"))


def test_a_stop_during_a_pause_starts_nothing_more(start: Start) -> None:
    supervised = start({"weak": ENDS_AT_ONCE}, "FIRST_PAUSE=5")
    until(lambda: supervised.pids("weak"))
    supervised.wait_until_ready()
    code, _, seconds = supervised.end()
    assert code == 0
    assert seconds < 1
    assert len(supervised.pids("weak")) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals children when their parent dies")
def test_children_do_not_outlive_a_supervisor_that_is_killed(start: Start) -> None:
    supervised = start({"steady": STAYS, "deaf": IGNORES_SIGTERM})
    supervised.wait_until_ready()
    supervised.end(signal.SIGKILL)
    until(lambda: all(gone(pid) for pid in supervised.pids("steady") + supervised.pids("deaf")), seconds=2)


def test_processes_that_a_child_started_are_killed_with_it(start: Start) -> None:
    grandchild = (
        "import subprocess; note('pid %d' % subprocess.Popen(['sleep', '600']).pid); " + IGNORES_SIGTERM
    )
    supervised = start({"deaf": grandchild}, "GRACE_SECONDS=0.5")
    supervised.wait_until_ready()
    supervised.end()
    assert len(supervised.pids("deaf")) == 2
    until(lambda: all(gone(pid) for pid in supervised.pids("deaf")))


def test_an_unread_stderr_stops_neither_the_children_nor_the_supervisor(start: Start) -> None:
    chatty = (
        "ready()\nfor number in range(20000): print('x' * 100, flush=True)\nnote('done')\ntime.sleep(600)"
    )
    supervised = start({"chatty": chatty})
    until(lambda: "chatty done" in supervised.notes())
    began = time.monotonic()
    supervised.process.send_signal(signal.SIGTERM)
    supervised.process.wait(timeout=10)
    assert time.monotonic() - began < 2


def test_a_line_beyond_the_limit_is_left_out_and_the_next_ones_come(start: Start) -> None:
    supervised = start({"wordy": "print('x' * 300_000, flush=True); print('short', flush=True); " + STAYS})
    supervised.wait_until_ready()
    said = supervised.end()[1]
    assert f"wordy     | {messages.line_left_out(LINE_LIMIT)}" in said
    assert "wordy     | short" in said


def test_a_supervisor_at_rest_is_light(start: Start) -> None:
    supervised = start({"one": STAYS, "two": STAYS})
    supervised.wait_until_ready()
    process = psutil.Process(supervised.process.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(2)
    assert sum(process.cpu_times()[:2]) - before <= 0.02
    assert process.memory_info().rss < 32 << 20
    assert process.num_threads() == 1
