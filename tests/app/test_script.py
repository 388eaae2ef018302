"""The script `daybook`: which Python it needs, and that it reads the command line before it sets anything up."""

import ast
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from app.setup.environment import PACKAGES, ROOT

SCRIPT = ROOT / "daybook"


@pytest.fixture
def script() -> ModuleType:
    spec = spec_from_loader("daybook_script", SourceFileLoader("daybook_script", str(SCRIPT)))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_python_that_is_too_old_is_refused_in_one_sentence(
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
    """Syntax newer than 3.6 would stop it from saying which Python is needed."""
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("usage", "code"), [(["up", "--help"], 0), (["node", "--help"], 0), (["up", "--prot", "1"], 2)]
)
def test_the_command_line_is_read_before_anything_is_installed(
    tmp_path: Path, usage: list[str], code: int
) -> None:
    """Runs in a copy of the project without an environment; with `-S` no installed package can be imported."""
    for name in ("app", "daybook", "esdbnode"):
        (tmp_path / name).symlink_to(ROOT / name)
    argv = [sys.executable, "-S", str(tmp_path / "daybook"), *usage]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    assert done.returncode == code
    assert "--port" in done.stdout or "unrecognized arguments: --prot" in done.stderr


def test_the_set_up_and_the_command_line_need_only_the_standard_library() -> None:
    program = (
        "import importlib, pkgutil, sys; sys.path[:0] = sys.argv[1:]; import app.cli, app.setup\n"
        "for package in (app.cli, app.setup):\n"
        "    for module in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    argv = [sys.executable, "-S", "-I", "-c", program, *map(str, PACKAGES)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    assert (done.stdout, done.stderr) == ("__main__ app domain esdbnode\n", "")
