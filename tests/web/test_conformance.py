"""The API does what its OpenAPI document says, whatever is sent: all checks of schemathesis, on a real web process.

The live stream is not in the document: it never ends. tests/web/live reads it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.web import Served

CONFIG = Path(__file__).parent / "schemathesis.toml"

pytestmark = pytest.mark.slow


def test_the_api_conforms_to_its_description_and_never_fails(own_site: Served, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [str(program), "--config-file", str(CONFIG), "run", f"{own_site.url}/api/schema"],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert "Stateful" in done.stdout
