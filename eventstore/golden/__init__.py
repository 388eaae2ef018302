"""Data of every version of every event as the log holds it: `MoneyDeposited.1.json` and so on.

A file of a version that was released is never changed. Tests read all of them through the codec.
"""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


def golden(name: str, version: int) -> bytes:
    """Raises FileNotFoundError."""
    return (FOLDER / f"{name}.{version}.json").read_bytes()
