"""KurrentDB's own Python client, in a separate environment: it needs a newer grpcio than esdbclient allows."""

import os
from pathlib import Path

from app.setup import environment
from app.setup.environment import LOCKS, ROOT

VENV = ROOT / ".venv-kurrent"


def find_kurrent() -> Path:
    """The Python of that environment: ESDBNODE_KURRENT_PYTHON, or else the environment is made on first use."""
    if named := os.environ.get("ESDBNODE_KURRENT_PYTHON"):
        return Path(named)
    locks = [LOCKS / "kurrent.txt"]
    if not environment.is_made(VENV, locks):
        with environment.alone():
            environment.ensure(VENV, locks)
    return VENV / "bin" / "python"
