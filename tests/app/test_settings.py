import re
from argparse import Namespace
from pathlib import Path

import pytest

from app.messages import running as messages
from app.processes.web import names_of
from app.refusal import Refusal
from app.settings import load
from tests.kit.messages import pattern_of


def flags(**given: str | None) -> Namespace:
    return Namespace(**given)


def dotenv(root: Path, *lines: str) -> Path:
    (root / ".env").write_text("\n".join(lines))
    return root


def test_a_flag_wins_over_the_environment_and_that_over_dotenv(tmp_path: Path) -> None:
    dotenv(tmp_path, "DAYBOOK_PORT=1", "DAYBOOK_HOST=from.file", "DAYBOOK_REDIS_URL=redis://file")
    environ = {"DAYBOOK_PORT": "2", "DAYBOOK_HOST": "from.environment"}
    settings = load(flags(port="3"), environ, tmp_path)
    assert (settings.port, settings.host, settings.redis_url) == (3, "from.environment", "redis://file")


def test_without_any_settings_the_defaults_apply(tmp_path: Path) -> None:
    settings = load(flags(port=None), {"DAYBOOK_ESDB_URI": ""}, tmp_path)
    assert (settings.host, settings.port, settings.esdb_uri, settings.redis_url) == (
        "127.0.0.1",
        8000,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("value", "opened"),
    [("1", True), ("true", True), ("YES", True), ("on", True), ("0", False), ("False", False)],
)
def test_a_switch_is_on_or_off(tmp_path: Path, value: str, opened: bool) -> None:
    assert load(None, {"DAYBOOK_OPEN": value}, tmp_path).open is opened


def test_a_child_gets_each_switch_as_it_is(tmp_path: Path) -> None:
    dotenv(tmp_path, "DAYBOOK_OPEN=1")
    assert load(None, {}, tmp_path).open
    for settings in (load(flags(open="1"), {}, tmp_path), load(None, {"DAYBOOK_OPEN": "0"}, tmp_path)):
        assert load(None, settings.variables(), tmp_path) == settings


def test_a_relative_folder_is_meant_from_where_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    root = dotenv(tmp_path, "DAYBOOK_DATA=books")
    assert load(flags(data="mine"), {}, root).data == here / "mine"
    assert load(None, {"DAYBOOK_DATA": "mine"}, root).data == here / "mine"
    assert load(None, {}, root).data == root / "books"


def test_dotenv_understands_comments_quotes_and_export(tmp_path: Path) -> None:
    dotenv(tmp_path, "# ports", "", "export DAYBOOK_PORT = '81'", 'DAYBOOK_HOST="localhost"', "OTHER=x=y")
    settings = load(None, {}, tmp_path)
    assert (settings.port, settings.host) == (81, "localhost")


def test_a_line_of_dotenv_that_sets_nothing_is_refused_with_its_number(tmp_path: Path) -> None:
    dotenv(tmp_path, "DAYBOOK_PORT=81", "nonsense")
    refusal = messages.dotenv_line_sets_nothing(str(tmp_path / ".env"), 2)
    with pytest.raises(Refusal, match=re.escape(refusal)):
        load(None, {}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        *(("WEB", value) for value in ("0", "-1", "x", "65", "1000", "2.0", "9" * 5000)),
        *(("OPEN", value) for value in ("2", "open", "-1", "1 1")),
        ("HOST", "two words"),
        ("HOST", "http://localhost"),
        ("HOSTS", "daybook.example, http://x"),
        ("TIMEZONE", "Europe/Prag"),
        ("TIMEZONE", "../etc/passwd"),
        ("TIMEZONE", "Europe"),
        ("ESDB_URI", "http://localhost:2113"),
        ("ESDB_URI", "esdb://"),
        ("REDIS_URL", "localhost:6379"),
        ("KEYS_URL", "http://localhost:6379"),
    ],
)
def test_an_invalid_setting_is_refused_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    refusal = pattern_of(messages.invalid_setting, name=f"DAYBOOK_{name}")
    with pytest.raises(Refusal, match=f"^{refusal}$") as refused:
        load(None, {f"DAYBOOK_{name}": value}, tmp_path)
    assert refused.value.code == 2


def test_a_refused_address_does_not_show_its_password(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        load(None, {"DAYBOOK_REDIS_URL": "rediss//me:hunter2@example.org"}, tmp_path)
    assert "hunter2" not in str(refused.value)


def test_names_to_answer_for_are_separated_by_commas(tmp_path: Path) -> None:
    settings = load(None, {"DAYBOOK_HOSTS": "daybook.example, books.example,"}, tmp_path)
    assert settings.hosts == "daybook.example,books.example"
    assert names_of(settings) == ("127.0.0.1", "daybook.example", "books.example")


def test_the_currency_of_new_accounts_is_a_setting(tmp_path: Path) -> None:
    assert load(None, {}, tmp_path).currency == "CZK"
    assert load(None, {"DAYBOOK_CURRENCY": "eur"}, tmp_path).currency == "EUR"
    with pytest.raises(Refusal, match="DAYBOOK_CURRENCY"):
        load(None, {"DAYBOOK_CURRENCY": "Kc"}, tmp_path)
