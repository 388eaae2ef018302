"""`daybook transfer`: requests, their end, refusals and exit codes; with running servers, and with its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.messages import transfers as messages
from domain import messages as domain
from domain.transfers import messages as on_transfers
from tests.kit.node import PROJECT
from tests.kit.projector import until
from tests.kit.stack import Stack, stack
from tests.kit.web import Api
from web.messages_on_transfers import declined, would_decline

pytestmark = pytest.mark.slow


class Teller:
    def __init__(self, data: Path) -> None:
        self._data = data

    def run(self, *words: str, verb: str = "transfer") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "app", verb, *words, "--data", str(self._data)]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)

    def give(self, *words: str, verb: str = "transfer", code: int = 0) -> dict[str, Any]:
        done = self.run(*words, "--json", verb=verb)
        assert (done.returncode, done.stderr) == (code, "")
        (line,) = done.stdout.splitlines()
        return dict(json.loads(line))

    def balances(self, *accounts: str) -> list[str]:
        return [self.give("show", each, verb="account")["balance"] for each in accounts]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Path]]:
    data = tmp_path_factory.mktemp("transfer")
    with stack(data) as made:
        yield made, data


@pytest.fixture(scope="module")
def teller(running: tuple[Stack, Path]) -> Teller:
    """With servers that run, and a reactor."""
    return Teller(running[1])


@pytest.fixture
def pair(running: tuple[Stack, Path]) -> tuple[str, str]:
    """Two accounts with 100.00 and 1.00."""
    payer, payee = f"a{uuid4().hex[:8]}", f"b{uuid4().hex[:8]}"
    api = Api(running[0].url)
    api.deposit(payer, "100")
    api.deposit(payee, "1")
    api.http.close()
    return payer, payee


def test_a_transfer_is_requested_ends_and_is_shown(teller: Teller, pair: tuple[str, str]) -> None:
    payer, payee = pair
    texts = ("--note", "rent", "--reference", "R1", "--value-date", "2026-01-05")
    made = teller.give("create", payer, payee, "30", *texts)
    assert set(made) == {"transfer_id", "state", "position", "repeated"}
    assert (made["state"], made["repeated"]) == ("completed", False)
    assert teller.balances(payer, payee) == ["70.00", "31.00"]
    shown = teller.give("show", made["transfer_id"])
    assert (shown["from"], shown["to"], shown["amount"], shown["currency"]) == (payer, payee, "30.00", "CZK")
    assert (shown["note"], shown["reference"], shown["value_date"]) == ("rent", "R1", "2026-01-05")
    assert (shown["debit"]["account_id"], shown["credit"]["account_id"]) == (payer, payee)
    assert (shown["refund"], shown["reverses"], shown["reversed_by"]) == (None, None, None)
    assert shown["position"] > made["position"]
    assert "reason" not in shown


def test_people_are_told_what_was_requested_and_how_it_ended(teller: Teller, pair: tuple[str, str]) -> None:
    key = uuid4()
    words = ("create", *pair, "30", "--command-id", str(key))
    requested, completed = teller.run(*words).stdout.splitlines()
    transfer_id = requested.split()[1].rstrip(":")
    assert requested == messages.requested(transfer_id, "30.00", "CZK", *pair)
    assert completed == messages.COMPLETED
    assert messages.REQUESTED_BEFORE in teller.run(*words).stdout.splitlines()
    assert teller.balances(*pair) == ["70.00", "31.00"]
    assert teller.run("create", *pair, "31", "--command-id", str(key)).returncode == 1
    shown = teller.run("show", transfer_id).stdout.splitlines()
    assert shown[:2] == [requested, completed]
    assert len(shown) == 4


def test_a_transfer_that_goes_back_ends_with_1(teller: Teller, pair: tuple[str, str]) -> None:
    payer, payee = pair
    teller.give("freeze", payee, verb="account")
    tried = teller.give("create", *pair, "30", "--dry-run", code=1)
    assert (tried["dry_run"], tried["declined"]["code"]) == (True, "account-frozen")
    told = teller.run("create", *pair, "30", "--dry-run").stdout.splitlines()
    assert told[1:] == [would_decline(payee, "account-frozen"), messages.DRY_RUN]
    made = teller.give("create", *pair, "30", code=1)
    reason = declined(payee, "account-frozen")
    assert (made["state"], made["reason"], made["detail"]) == ("refunded", "account-frozen", reason)
    done = teller.run("create", *pair, "30")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (1, [messages.refunded(reason)])
    assert teller.give("show", made["transfer_id"])["refund"]["account_id"] == payer
    assert teller.balances(payer) == ["100.00"]


def test_a_dry_run_requests_nothing_and_a_request_can_name_the_revision(
    teller: Teller, pair: tuple[str, str]
) -> None:
    tried = teller.give("create", *pair, "30", "--dry-run")
    assert tried["dry_run"]
    gone = teller.run("show", tried["transfer_id"])
    assert (gone.returncode, gone.stdout) == (1, "")
    assert messages.no_transfer(tried["transfer_id"]) in gone.stderr
    late = teller.run("create", *pair, "30", "--if-match", "0")
    assert (late.returncode, late.stdout, len(late.stderr.splitlines())) == (1, "", 1)
    assert teller.give("create", *pair, "30", "--if-match", "1")["state"] == "completed"


def test_without_waiting_it_is_under_way(teller: Teller, pair: tuple[str, str]) -> None:
    told = teller.run("create", *pair, "30", "--no-wait").stdout.splitlines()
    transfer_id = told[0].split()[1].rstrip(":")
    assert told[1] in (messages.under_way(transfer_id), messages.COMPLETED)
    until(lambda: bool(teller.give("show", transfer_id)["state"] == "completed"))


def test_the_reversal_of_an_entry_of_a_transfer_reverses_the_transfer(
    teller: Teller, pair: tuple[str, str]
) -> None:
    payer, payee = pair
    first = teller.give("create", *pair, "30")["transfer_id"]
    entry = teller.give("show", first)["debit"]["entry_id"]
    tried = teller.run("reverse", payer, entry, "--dry-run", verb="account")
    assert tried.stdout.splitlines() == [messages.WOULD_REVERSE_TRANSFER, messages.DRY_RUN]
    second = teller.give("reverse", payer, entry, verb="account")["transfer_id"]
    until(lambda: teller.balances(payer, payee) == ["100.00", "1.00"])
    assert teller.give("show", first)["reversed_by"] == second
    assert teller.give("show", second)["reverses"] == first
    assert messages.reversed_by(second) in teller.run("show", first).stdout.splitlines()
    again = teller.run("reverse", payer, entry, verb="account")
    assert again.returncode == 1
    assert on_transfers.transfer_already_reversed(first, second) in again.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["create", "nobody", "nowhere", "1"], 1, domain.unknown_account("nobody")),
        (["create", "a b", "c", "1"], 2, domain.not_an_account_id("a b", 64)),
        (["create", "a", "b", "0"], 2, domain.AMOUNT_NOT_ABOVE_ZERO),
        (["create", "a", "b", ""], 2, "amount: "),
        (["show", str(UUID(int=1))], 1, messages.no_transfer(str(UUID(int=1)))),
        (["show", "x"], 2, messages.not_a_transfer_id("x")),
        (["create", "a"], 2, "TO, AMOUNT"),
        (["create", "a", "b", "1", "--if-match", "x"], 2, "--if-match"),
        ([], 2, "ACTION"),
    ],
)
def test_a_refusal_is_one_sentence_on_standard_error(
    teller: Teller, words: list[str], code: int, sentence: str
) -> None:
    done = teller.run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = done.stderr.splitlines()
    assert sentence in line


def test_it_ends_too_if_only_the_verb_runs(tmp_path: Path) -> None:
    teller = Teller(tmp_path / "data")
    teller.give("deposit", "a", "100", verb="account")
    teller.give("create", "b", verb="account")
    done = teller.run("create", "a", "b", "30")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, [messages.COMPLETED])
    assert teller.balances("a", "b") == ["70.00", "30.00"]
