"""`daybook account`, with servers of its own: each command, its answer, its refusal and its exit code."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.messages import accounts as messages
from app.teller.actions import ACTIONS, FIELDS
from app.teller.commands import KINDS
from domain import messages as domain
from domain.dates import EARLIEST
from tests.kit.node import PROJECT
from tests.kit.stack import Stack, stack
from tests.kit.web import Api
from web import messages_on_input as on_input

pytestmark = pytest.mark.slow


class Teller:
    def __init__(self, data: Path, running: Stack) -> None:
        self._data = data
        self.api = Api(running.url)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "app", "account", *words, "--data", str(self._data)]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)

    def give(self, *words: str) -> dict[str, Any]:
        done = self.run(*words, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        (line,) = done.stdout.splitlines()
        return dict(json.loads(line))


@pytest.fixture(scope="module")
def teller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    data = tmp_path_factory.mktemp("account")
    with stack(data) as running:
        made = Teller(data, running)
        yield made
        made.api.http.close()


def test_an_account_has_a_whole_life(teller: Teller) -> None:
    assert teller.give("create", "a", "--currency", "EUR")["balance"] == "0.00"
    paid = teller.give("deposit", "a", "100", "--note", "rent", "--value-date", "2026-01-05")
    assert (paid["balance"], paid["currency"], paid["revision"]) == ("100.00", "EUR", 1)
    assert teller.give("withdraw", "a", "30.50")["balance"] == "69.50"
    assert teller.give("overdraft", "a", "40")["balance"] == "69.50"
    assert teller.give("reverse", "a", paid["entry_id"])["balance"] == "-30.50"
    assert teller.give("deposit", "a", "30.50")["balance"] == "0.00"
    hold = teller.give("hold", "a", "10", "--expires", "2999-01-01T00:00:00+01:00")
    assert (hold["held"], hold["available"]) == ("10.00", "30.00")
    captured = teller.give("capture", "a", hold["hold_id"], "--part", "4")
    assert (captured["balance"], captured["held"], captured["available"]) == ("-4.00", "0.00", "36.00")
    other = teller.give("hold", "a", "1")
    assert teller.give("release", "a", other["hold_id"])["held"] == "0.00"
    teller.give("deposit", "a", "4")
    for action, state in (("freeze", "frozen"), ("unfreeze", "open"), ("close", "closed")):
        teller.give(action, "a")
        assert teller.give("show", "a")["state"] == state


def test_only_somebody_who_is_known_holds_an_account(teller: Teller) -> None:
    assert teller.run("create", "held", "--holder", "nobody").returncode == 1
    teller.api.post("/api/users", {"name": "Anna", "user_id": "anna"})
    teller.give("create", "held", "--holder", "anna")
    assert teller.give("show", "held")["user_id"] == "anna"
    assert teller.api.http.delete("/api/users/anna").status_code == 409
    teller.give("close", "held")
    assert teller.api.http.delete("/api/users/anna").status_code in (200, 204)


def test_an_account_is_shown_as_the_api_shows_it(teller: Teller) -> None:
    booked = teller.give("deposit", "shown", "12.30")
    answer, shown = teller.api.shown("shown", booked["position"]), teller.give("show", "shown")
    common = answer.keys() & shown.keys()
    assert {name: shown[name] for name in common} == {name: answer[name] for name in common}
    fields = {
        "account_id",
        "balance",
        "held",
        "available",
        "currency",
        "state",
        "user_id",
        "revision",
        "position",
    }
    assert set(shown) == fields
    sentence = messages.account_shown("shown", "open", "12.30", "CZK", "0.00", "12.30", booked["revision"])
    assert teller.run("show", "shown").stdout == f"{sentence}\n"


def test_a_command_with_the_same_id_is_booked_once(teller: Teller) -> None:
    key = str(uuid4())
    first = teller.give("deposit", "once", "5", "--command-id", key)
    again = teller.give("deposit", "once", "5.00", "--command-id", key)
    assert again == first | {"repeated": True}
    assert teller.run("deposit", "once", "6", "--command-id", key).returncode == 1
    assert messages.BOOKED_BEFORE in teller.run("deposit", "once", "5", "--command-id", key).stdout


def test_an_id_of_a_command_is_any_text_and_the_same_as_in_the_api(teller: Teller) -> None:
    first = teller.give("deposit", "text", "5", "--command-id", "payroll:1")
    answer = teller.api.post("/api/accounts/text/deposits", {"amount": "5"}, '"payroll:1"')
    assert (answer.status_code, answer.json()["position"]) == (201, first["position"])


def test_a_value_date_before_1900_is_refused(teller: Teller) -> None:
    done = teller.run("deposit", "x", "1", "--value-date", "0001-01-01")
    assert (
        done.returncode,
        f"0001-01-01 cannot be a value date; it has to be from {EARLIEST}" in done.stderr,
    ) == (2, True)


def test_a_dry_run_books_nothing_and_a_command_can_name_the_revision(teller: Teller) -> None:
    teller.give("deposit", "tried", "5")
    tried = teller.give("withdraw", "tried", "2", "--dry-run")
    assert (tried["balance"], tried["dry_run"], "position" in tried) == ("3.00", True, False)
    assert messages.DRY_RUN in teller.run("withdraw", "tried", "2", "--dry-run").stdout
    assert teller.give("show", "tried")["balance"] == "5.00"
    late = teller.run("withdraw", "tried", "2", "--if-match", "0")
    assert (late.returncode, len(late.stderr.splitlines())) == (1, 1)
    assert teller.give("withdraw", "tried", "2", "--if-match", "1")["balance"] == "3.00"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["withdraw", "nobody", "1"], 1, domain.unknown_account("nobody")),
        (["show", "nobody"], 1, messages.no_account("nobody")),
        (["deposit", "a b", "1"], 2, domain.not_an_account_id("a b", 64)),
        (["show", "a b"], 2, domain.not_an_account_id("a b", 64)),
        (["deposit", "x", "1,5"], 2, domain.not_an_amount("1,5")),
        (["deposit", "x", "0"], 2, domain.AMOUNT_NOT_ABOVE_ZERO),
        (["overdraft", "x", "-1"], 2, domain.LIMIT_BELOW_ZERO),
        (["deposit", "x", "1.001", "--currency", "CZK"], 2, domain.too_many_decimals("1.001", 3, "CZK", 2)),
        (["deposit", "x", "1 0 0"], 2, domain.not_an_amount("1 0 0")),
        (["deposit", "x", "1", "--note", "a\u202eb"], 2, domain.not_for_lines("U+202E")),
        (["deposit", "x", "1", "--reference", "a\u200bb"], 2, domain.not_for_lines("U+200B")),
        (["deposit", "x", "9" * 500], 2, domain.not_an_amount("9" * 500)),
        (["deposit", "x", "1", "--command-id", "k" * 256], 2, on_input.not_an_idempotency_key(255)),
        (["release", "x", "no-id"], 2, messages.not_an_id("no-id")),
        (["hold", "x", "1", "--expires", "2026-01-05"], 2, messages.not_a_time("2026-01-05")),
    ],
)
def test_a_refusal_is_one_sentence_on_standard_error(
    teller: Teller, words: list[str], code: int, sentence: str
) -> None:
    done = teller.run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith(sentence)


def test_each_action_has_its_command_and_each_field_its_words() -> None:
    assert [action.name for action in ACTIONS] == list(KINDS)
    used = {name for action in ACTIONS for name in (*action.words, *action.options)}
    assert used | {"account_id"} == set(FIELDS)
