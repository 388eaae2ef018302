import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from app.commandline import VERBS, parse
from app.environment import ROOT

SCRIPT = ROOT / "daybook"


@pytest.fixture
def script() -> ModuleType:
    spec = spec_from_loader("daybook_script", SourceFileLoader("daybook_script", str(SCRIPT)))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_python_that_is_too_old_is_told_so_in_one_sentence(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert script.start((3, 10, 13), ["up"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("daybook: Python 3.11 or newer is needed; this is 3.10.13 (")
    assert said.count("\n") == 1


def test_a_newer_python_on_the_path_is_used_instead(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken, works = tmp_path / "python3.13", tmp_path / "python3.12"
    broken.write_text("#!/bin/sh\nexit 127\n")
    works.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for program in (broken, works):
        program.chmod(0o755)
    became: list[list[str]] = []
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(script, "NEWER", ("python3.99", "python3.13", "python3.12"))
    monkeypatch.setattr("os.execvp", lambda _, argv: became.append(argv))
    script.start((3, 6, 15), ["up", "--port", "1"])
    assert became[0] == ["python3.12", str(SCRIPT), "up", "--port", "1"]


def test_the_script_is_written_for_old_pythons() -> None:
    """What came after 3.6 and would stop it from saying what is needed."""
    compile(SCRIPT.read_text(), str(SCRIPT), "exec", dont_inherit=True)
    import ast

    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


@pytest.mark.parametrize(
    "usage", [["up", "--prot", "1"], ["down"], [], ["node", "--memory", "--data", "x"], ["check", "extra"]]
)
def test_bad_usage_is_one_sentence_and_exit_2(usage: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(usage)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("daybook")
    assert said.endswith("--help).\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([verb, "--help"])
    assert ended.value.code == 0
    assert f"daybook {verb}" in capsys.readouterr().out


def test_internal_verbs_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    listed = capsys.readouterr().out
    assert "  up " in listed
    assert "projector" not in listed
    assert "servers" not in listed


def test_what_test_is_given_goes_to_pytest_as_it_is() -> None:
    assert parse(["test", "-k", "settings", "tests/app", "-x", "--", "y"]).arguments == [
        "-k",
        "settings",
        "tests/app",
        "-x",
        "--",
        "y",
    ]


@pytest.mark.parametrize("verb", ["up", "node"])
def test_the_command_line_is_understood_before_anything_is_installed(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-S`: no installed package can be imported."""
    monkeypatch.delenv("PYTHONPATH")
    done = subprocess.run(
        [sys.executable, "-S", SCRIPT, verb, "--help"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0
    assert "--port" in done.stdout
