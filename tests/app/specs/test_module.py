"""The generated tests pass in the project as they are, and say nothing about anybody."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from app.specs.kinds import KINDS
from app.specs.module import Undecided, module
from app.specs.reading import events_of, split
from domain.accounts import ACCOUNTS, AccountEvent
from domain.decider import Event
from domain.transfers import TransferEvent
from domain.vocabulary import VOCABULARY
from eventstore.memory import MemoryStore
from tests.kit.accounts import an_id, deposited, opened
from tests.kit.journal import Journal, every_kind_of_event
from tests.kit.lifecycle import frozen
from tests.kit.node import PROJECT
from tests.kit.transfers import (
    TRANSFER,
    credit_declined,
    credited,
    debited,
    refunded,
    refused,
    requested,
)
from tests.kit.users import account_added, account_removed, sealed, user_created, user_deleted, user_updated

KIND = KINDS[ACCOUNTS.category]
SECRET = "CZ65-0800-0000-1920-0014-5399"


@pytest.fixture(scope="module")
def journal() -> Journal:
    made = Journal()
    made.open(SECRET, user_id="jana.novakova")
    every_kind_of_event(made, SECRET, reference="invoice of Jana")
    made.book(SECRET, -40_000, note="rent of Jana")
    made.book("opened-by-a-line", 5, note="x")
    return made


def recorded(journal: Journal, account_id: str) -> list[Event]:
    store = MemoryStore(journal.records)
    return asyncio.run(events_of(store, ACCOUNTS.stream(account_id), ACCOUNTS))


def test_a_test_of_each_event_passes_as_it_is(journal: Journal, tmp_path: Path) -> None:
    kinds = set[str]()
    for number, account in enumerate((SECRET, f"{SECRET}-closed", "opened-by-a-line")):
        events = recorded(journal, account)
        for revision, event in enumerate(events):
            kinds.add(type(event).__name__)
            (tmp_path / f"test_{number}_{revision}.py").write_text(module(KIND, events, revision))
    assert kinds == {each.name for each in VOCABULARY if each.category == ACCOUNTS.category}
    _check_passes(tmp_path)


def test_tests_of_a_person_pass_and_have_nothing_of_the_person(tmp_path: Path) -> None:
    who = "jana.novakova"
    events = (
        user_created(1, name="Jana", user=who, email="jana@example.org"),
        user_updated(2, user=who, name="Jana N", email=None),
        account_added(3, SECRET, user=who),
        account_removed(4, SECRET, user=who),
        user_deleted(5, user=who),
    )
    for revision in range(len(events)):
        text = module(KINDS["user"], events, revision)
        assert not [each for each in (SECRET, who, sealed("Jana")) if each in text]
        (tmp_path / f"test_{revision}.py").write_text(text)
    assert {type(event).__name__ for event in events} == {
        each.name for each in VOCABULARY if each.category == "user"
    }
    _check_passes(tmp_path)


HISTORIES: Final[Mapping[str, tuple[TransferEvent, ...]]] = {
    "completed": (requested(note="rent of Jana", reference="Jana"), debited(), *credited()),
    "refused": (requested(only_at=3), refused("insufficient-funds")),
    "unknown": (requested(reverses=an_id(7)), refused("unknown-account")),
    "refunded": (requested(), debited(), credit_declined("account-frozen"), refunded()),
    "lost": (requested(), debited(), credit_declined("unknown-account")),
}


def test_tests_of_transfers_pass_and_say_nothing_about_anybody(tmp_path: Path) -> None:
    for name, events in HISTORIES.items():
        for revision in range(len(events)):
            text = module(KINDS["transfer"], events, revision)
            assert "Jana" not in text
            assert str(TRANSFER) not in text
            (tmp_path / f"test_{name}_{revision}.py").write_text(text)
    assert {type(event).__name__ for events in HISTORIES.values() for event in events} == {
        each.name for each in VOCABULARY if each.category == "transfer"
    }
    _check_passes(tmp_path)
    _check_layout(tmp_path / "test_completed_3.py")


def _check_passes(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-c", "pyproject.toml", "--rootdir", ".", str(folder)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(list(folder.glob('*.py')))} passed" in done.stdout


def _check_layout(file: Path) -> None:
    for check in (["format", "--check"], ["check"]):
        command = [sys.executable, "-m", "ruff", *check, "--config", "pyproject.toml", str(file)]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout


def test_a_test_has_no_id_of_an_account_or_a_person_and_no_text_that_somebody_wrote(journal: Journal) -> None:
    events = recorded(journal, SECRET)
    text = module(KIND, events, len(events) - 1)
    assert not [each for each in (SECRET, "jana", "Jana", "invoice", "rent") if each in text]
    assert 'note="note 1"' in text
    assert 'reference="reference 1"' in text
    assert 'holder=UserId("u1")' in text


def test_a_test_is_formatted_and_linted_like_the_project(journal: Journal, tmp_path: Path) -> None:
    events = recorded(journal, SECRET)
    file = tmp_path / "test_it.py"
    file.write_text(module(KIND, events, len(events) - 1))
    _check_layout(file)


def test_the_events_of_one_command_are_expected_together() -> None:
    events = (opened(1), deposited(1, 5, balance=5), frozen(2, balance=5))
    for revision in (0, 1):
        assert split(events, revision) == ((), events[:2])
    assert split(events, 2) == (events[:2], events[2:])


def test_an_entry_that_only_a_bank_could_have_made_comes_from_its_statement() -> None:
    events: tuple[AccountEvent, ...] = (opened(1), frozen(2), deposited(3, 5, balance=5))
    assert "RecordEntry(" in module(KIND, events, 2)
    assert "Deposit(" in module(KIND, (events[0], events[2]), 1)


def test_an_entry_that_another_program_booked_twice_has_no_test() -> None:
    events = (opened(1), deposited(2, 5, balance=5), frozen(3, balance=5))
    twice = (opened(1), deposited(2, 5, balance=5), deposited(3, 5, balance=10), deposited(2, 5, balance=15))
    assert module(KIND, events, 2)
    with pytest.raises(Undecided):
        module(KIND, twice, 3)
