"""Templates, style sheet and scripts can be reviewed like the Python code."""

import re
from pathlib import Path

from web.http.assets import STATIC
from web.http.rendering import TEMPLATES

LONGEST = 110
SOURCES = (
    *TEMPLATES.rglob("*.html"),
    *STATIC.glob("*.css"),
    *STATIC.glob("*.mjs"),
    *STATIC.glob("js/**/*.*s"),
)


def test_no_line_is_longer_than_a_python_line_may_be() -> None:
    assert len(SOURCES) > 30
    assert [f"{_name(file)}:{number}" for file in SOURCES for number in _long_lines(file)] == []


def test_every_script_is_type_checked_and_imports_by_relative_names() -> None:
    scripts = list(STATIC.glob("js/**/*.js"))
    assert len(scripts) > 5
    for script in scripts:
        lines = script.read_text().splitlines()
        assert lines[0] == "// @ts-check", script
        assert all(re.search(r' from "\.{1,2}/', line) for line in lines if line.startswith("import ")), (
            script
        )


def _long_lines(file: Path) -> list[int]:
    lines = enumerate(file.read_text().splitlines(), start=1)
    return [number for number, line in lines if len(line) > LONGEST]


def _name(file: Path) -> str:
    return file.relative_to(STATIC.parent).as_posix()
