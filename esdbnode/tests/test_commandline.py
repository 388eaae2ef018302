"""The `esdbnode` command: its refusals and its help."""

import re
from pathlib import Path

import pytest

import esdbnode
from esdbnode.wording import startup
from tests.command import esdbnode as run
from tests.command import refusal
from tests.messages import pattern_of


@pytest.mark.parametrize(
    "usage",
    [
        [],
        ["--memory", "--data", "log.db"],
        ["--memory", "--prot", "1"],
        ["--data", "log.db", "--verify", "--backup", "copy.db"],
        ["add-user", "--users", "users.json"],
        ["add-user", "alice", "--users", "users.json", "--port", "1"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_one_sentence_and_exit_2(usage: list[str]) -> None:
    program = startup.ADD_USER if "add-user" in usage else "esdbnode"
    assert re.fullmatch(pattern_of(startup.bad_usage, program=program), refusal(*usage))


@pytest.mark.parametrize("port", ["many", "65536", "-1", "²"])
def test_a_port_is_a_number_of_16_bits(port: str) -> None:
    assert startup.not_a_port(port) in refusal("--memory", f"--port={port}")


@pytest.mark.parametrize("looking", [["--verify"], ["--backup", "copy.db"]], ids=" ".join)
def test_a_log_in_memory_can_be_neither_checked_nor_backed_up(looking: list[str]) -> None:
    assert refusal("--memory", *looking) == startup.MEMORY_HAS_NO_FILE


@pytest.mark.parametrize("usage", [["--help"], ["add-user", "--help"]], ids=" ".join)
def test_it_explains_itself(usage: list[str]) -> None:
    ended = run(*usage)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.startswith(b"usage: esdbnode")


def test_it_never_speaks_of_a_program_that_uses_it() -> None:
    sources = list(Path(esdbnode.__file__).parent.rglob("*.py"))
    assert sources
    assert [source.name for source in sources if "daybook" in source.read_text().lower()] == []
