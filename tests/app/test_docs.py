"""The documents: links lead somewhere, named files exist, the commands of README.md work."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.messages.importing import booked
from app.processes.children import child_environment
from app.setup.environment import NODE, ROOT
from tests.kit.messages import pattern_of
from tests.kit.stack import stack

DOCUMENTS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), NODE / "README.md")
PLACES = (ROOT, NODE, NODE / "src" / "esdbnode")
"""The folders to which a name like `web/nouns.py` may be relative, in addition to its document's own folder."""
EXAMPLES = re.compile(r"activity|reactors/welcome")
"""Files that documents use as examples, which do not exist."""


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def prose(document: Path) -> str:
    return re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_found(link: str, document: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(document))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not is_found(link, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_that_is_named_exists(document: Path) -> None:
    names = re.findall(r"`([\w.-]+/[\w./-]+\.(?:py|html|js|lua|md|txt|toml|csv))`", prose(document))
    named = [name for name in names if not EXAMPLES.search(name)]
    folders = (document.parent, *PLACES)
    assert [name for name in named if not any((folder / name).exists() for folder in folders)] == []


def test_decisions_are_numbered_without_gaps_and_have_the_same_parts() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. "), record.name
        parts = re.findall(r"^\*\*(\w[\w ]+)\.\*\*", text, re.MULTILINE)
        assert parts in ([], ["Context", "Decision", "Consequences", "Not chosen"]), record.name


def test_the_glossary_has_each_term_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^- \*\*(.+?)\*\*( of [\w ]+)?", text, re.MULTILINE)
    assert len(terms) > 50
    assert sorted(set(terms)) == sorted(terms)


# The commands of README.md, exactly as printed. A comment at the end of a line is a comment for the shell too.


def printed() -> list[str]:
    """The commands in its code blocks. A command that continues on the next line is one command."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    return re.sub(r"\\\n\s*", "", blocks).splitlines()


def beginning(words: str) -> str:
    (found,) = [command for command in printed() if command.startswith(words)]
    return found


def run(command: str, data: Path) -> subprocess.CompletedProcess[str]:
    environ = {**child_environment(), "DAYBOOK_DATA": str(data)}
    return subprocess.run(
        command, shell=True, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=90
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the pages and the data folder of the Daybook that the first command starts."""
    data = tmp_path_factory.mktemp("demo")
    _, verb, *options = beginning("./daybook up --demo").partition("#")[0].split()
    assert verb == "up"
    with stack(data, *options) as running:
        yield running.url, data


def test_the_example_is_imported_right_after_a_clone(tmp_path: Path) -> None:
    lines = (ROOT / "examples" / "statement.csv").read_text(encoding="utf-8").splitlines()
    done = run(beginning("./daybook import"), tmp_path / "data")
    assert done.returncode == 0, done.stderr
    count = len(lines) - 1
    assert re.search(pattern_of(booked, booked=count, transactions=count, accounts=2), done.stdout)


@pytest.mark.parametrize("words", ["./daybook import", "./daybook rebuild", "./daybook --help"])
def test_the_commands_for_a_second_terminal_work_while_the_demo_runs(
    demo: tuple[str, Path], words: str
) -> None:
    _, data = demo
    done = run(beginning(words), data)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_call_of_the_api_opens_an_account(demo: tuple[str, Path]) -> None:
    url, data = demo
    command = beginning("curl ")
    assert "http://127.0.0.1:8000/" in command
    done = run(command.replace("http://127.0.0.1:8000", url), data)
    assert json.loads(done.stdout)["balance"] == "120.50"
