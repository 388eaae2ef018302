"""Python environments made from locks with hashes.

pip's own configuration says which index is used. An environment is complete if its stamp, which is written last,
names its Python and the hash of each lock. Otherwise it is made again. So an environment that was interrupted half-way
is never used.
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
from app.setup import messages

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "esdbnode"
PACKAGES = (ROOT, NODE / "src")
"""The folders with Daybook's packages."""
LOCKS = ROOT / "locks"
CACHE = ROOT / ".cache"
INSTALL_SECONDS = 1200
"""The longest that one step of the set-up may take."""


def search_path() -> str:
    """PYTHONPATH of a process that imports Daybook: Daybook's folders come before the user's."""
    return os.pathsep.join(filter(None, [*map(str, PACKAGES), os.environ.get("PYTHONPATH")]))


def tell(sentence: str) -> None:
    print(f"daybook: {sentence}", file=sys.stderr, flush=True)


def run(argv: Sequence[str | Path], doing: str, cwd: Path = ROOT) -> None:
    """Runs a step of the set-up. Refusal with the end of its output if it fails or takes too long."""
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
            close_fds=False,  # inherits the lock of `alone`, which stays held if the step outlives this process
        )
    except subprocess.TimeoutExpired:
        raise Refusal(messages.step_took_too_long(doing, INSTALL_SECONDS // 60), 1) from None
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise Refusal(messages.step_failed(doing, done.returncode, last), 1)


def digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds the set-up's lock: if two processes start at once, one sets up and the other waits."""
    try:
        CACHE.mkdir(exist_ok=True)
        handle = os.open(CACHE / "setup.lock", os.O_RDWR | os.O_CREAT, 0o644)
        os.set_inheritable(handle, True)
    except OSError as error:
        raise Refusal(messages.folder_not_writable(str(CACHE), str(error.strerror))) from None
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
                tell(messages.WAITING_FOR_ANOTHER)
            waiting = True
        if time.monotonic() > deadline:
            raise Refusal(messages.ANOTHER_TAKES_TOO_LONG, 1)
        time.sleep(0.2)


def _wanted(directory: Path, locks: Sequence[Path]) -> set[str]:
    """The stamp's lines, with the environment's own Python. With the running one, two Pythons would always replace
    each other's environment."""
    python = os.path.realpath(directory / "bin" / "python")
    return {f"python {python}", *(f"{lock.name} {digest(lock)}" for lock in locks)}


def is_made(directory: Path, locks: Sequence[Path]) -> bool:
    """Whether `directory` has all of `locks`. A link leads to a user's own environment, which is never changed."""
    if directory.is_symlink():
        return True
    try:
        stamped = (directory / "stamp").read_text().splitlines()
    except OSError:
        return False
    return _wanted(directory, locks) <= set(stamped) and os.access(directory / "bin" / "python", os.X_OK)


def make(directory: Path, locks: Sequence[Path]) -> None:
    """Makes the environment and installs each lock, or only the last one if the others are installed."""
    if importlib.util.find_spec("ensurepip") is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        raise Refusal(messages.no_ensurepip(sys.executable, package))
    began = time.monotonic()
    is_base = len(locks) > 1 and is_made(directory, locks[:-1])
    missing = locks[-1:] if is_base else locks
    names = " and ".join(str(lock.relative_to(ROOT)) for lock in missing)
    tell(f"making {directory.relative_to(ROOT)} from {names}")
    (directory / "stamp").unlink(missing_ok=True)
    if not is_base:
        run([sys.executable, "-m", "venv", "--clear", directory], messages.MAKING_ENVIRONMENT)
    for lock in missing:
        _install(directory, lock)
    (directory / "stamp").write_text("\n".join(sorted(_wanted(directory, locks))) + "\n")
    tell(f"made {directory.relative_to(ROOT)} in {time.monotonic() - began:.0f} s")


def _install(directory: Path, lock: Path) -> None:
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(lock)]
    pip = [str(directory / "bin" / "python"), "-m", "pip", "install"]
    run([*pip, *quiet, *options], messages.installing(lock.name))


def ensure(directory: Path, locks: Sequence[Path]) -> None:
    """Call it under `alone`."""
    if not is_made(directory, locks):
        make(directory, locks)
