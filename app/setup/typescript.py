"""`python -m app.setup.typescript` checks the types of the pages' scripts with the locked TypeScript.

It is installed on first use, by npm and from the lock, like the packaged Chromium.
"""

import shutil
import subprocess
import sys

from app.setup import bundle, environment
from app.setup.environment import CACHE, digest

FOLDER = CACHE / "typescript"
COMPILER = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"


def main() -> int:
    if not _is_installed():
        with environment.alone():
            if not _is_installed():
                _install()
    return subprocess.call([bundle.find_npm().node, COMPILER, "--project", bundle.STATIC])


def _is_installed() -> bool:
    try:
        return (FOLDER / "stamp").read_text() == digest(*bundle.PACKAGES)
    except OSError:
        return False


def _install() -> None:
    environment.tell("installing TypeScript")
    bundle.install(FOLDER, "--include=dev")
    shutil.rmtree(FOLDER / "node_modules" / "@sparticuz", ignore_errors=True)  # Chromium, 67 MB
    (FOLDER / "stamp").write_text(digest(*bundle.PACKAGES))


if __name__ == "__main__":
    sys.exit(main())
