"""Python environments made from locks with hashes. Runs before anything is installed: standard library only.

Which index is asked is pip's own configuration. An environment is good when its stamp, written last, names
its Python and the lock's hash; any other is made again: an interruption never leaves half of one in use.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "esdbnode"
PACKAGES = (ROOT, NODE / "src")
"""The folders whose packages Daybook is made of."""
CACHE = ROOT / ".cache"
INSTALL_SECONDS = 1200
"""The longest that one step of the set-up may take."""


def search_path() -> str:
    """PYTHONPATH of a process that is to import Daybook: its own folders come before the user's."""
    return os.pathsep.join(filter(None, [*map(str, PACKAGES), os.environ.get("PYTHONPATH")]))


def tell(sentence: str) -> None:
    print(f"daybook: {sentence}", file=sys.stderr, flush=True)


def run(argv: Sequence[str | Path], doing: str, cwd: Path = ROOT) -> None:
    """Runs a step of the set-up; Refusal with the end of what it printed when it fails or takes too long."""
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=INSTALL_SECONDS,
            close_fds=False,  # hands on the lock of `alone`: it stays held if the step outlives this process
        )
    except subprocess.TimeoutExpired:
        raise Refusal(f"{doing} took more than {INSTALL_SECONDS // 60} minutes: start again.", 1) from None
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise Refusal(f"{doing} failed (exit {done.returncode}):\n{last}", 1)


def digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds the set-up's lock: of two that start at once, one sets up and the other waits for it."""
    try:
        CACHE.mkdir(exist_ok=True)
        handle = os.open(CACHE / "setup.lock", os.O_RDWR | os.O_CREAT, 0o644)
        os.set_inheritable(handle, True)
    except OSError as error:
        raise Refusal(f"cannot set up in {ROOT}: {error.strerror}.") from None
    try:
        _acquire(handle)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int) -> None:
    deadline = time.monotonic() + 2 * INSTALL_SECONDS
    waiting = False
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not waiting:
                tell("another start is setting up: waiting for it")
            waiting = True
        if time.monotonic() > deadline:
            raise Refusal("another start has been setting up for too long: end it and start again.", 1)
        time.sleep(0.2)


def _wanted(directory: Path, locks: Sequence[Path]) -> set[str]:
    """Its own Python counts, not the one that asks: two of them do not take turns in making it again."""
    python = os.path.realpath(directory / "bin" / "python")
    return {f"python {python}", *(f"{lock.name} {digest(lock)}" for lock in locks)}


def is_made(directory: Path, locks: Sequence[Path]) -> bool:
    """Whether `directory` has all of `locks`. A link is somebody's own environment and taken as it is."""
    if directory.is_symlink():
        return True
    try:
        stamped = (directory / "stamp").read_text().splitlines()
    except OSError:
        return False
    return _wanted(directory, locks) <= set(stamped) and os.access(directory / "bin" / "python", os.X_OK)


def make(directory: Path, locks: Sequence[Path]) -> None:
    """Makes the environment, or adds what the last lock has more. Each lock holds all of those before it."""
    if importlib.util.find_spec("ensurepip") is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        raise Refusal(
            f"this Python ({sys.executable}) lacks ensurepip, which makes environments: install it "
            f"(on Debian and Ubuntu `apt install {package}`) and start again."
        )
    began = time.monotonic()
    tell(f"making {directory.relative_to(ROOT)} from {locks[-1].name}")
    is_base = len(locks) > 1 and is_made(directory, locks[:-1])
    (directory / "stamp").unlink(missing_ok=True)
    if not is_base:
        run([sys.executable, "-m", "venv", "--clear", directory], "making the environment")
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(locks[-1])]
    pip = [str(directory / "bin" / "python"), "-m", "pip", "install"]
    run([*pip, *quiet, *options], f"installing {locks[-1].name}")
    (directory / "stamp").write_text("\n".join(sorted(_wanted(directory, locks))) + "\n")
    tell(f"made {directory.relative_to(ROOT)} in {time.monotonic() - began:.0f} s")


def ensure(directory: Path, locks: Sequence[Path]) -> None:
    """To be called under `alone`."""
    if not is_made(directory, locks):
        make(directory, locks)
