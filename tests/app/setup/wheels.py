"""Wheels for the tests of environments and locks."""

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path


def wheel(folder: Path, version: str, name: str = "pebble", needs: Sequence[str] = ()) -> str:
    """An installable package in `folder`; the line of a lock that names it."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    requires = "".join(f"Requires-Dist: {each}\n" for each in needs)
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(f"{name}.py", f"version = {version!r}\n")
        packed.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
        )
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"
