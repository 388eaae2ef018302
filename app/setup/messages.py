"""Every sentence of the set-up that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers. Lines of progress
stay where they are printed.
"""

from typing import Final

# Steps. A message below names the one that failed.

MAKING_ENVIRONMENT: Final = "making the environment"
BUILDING_BUNDLE: Final = "building the bundle"
UNPACKING_CHROMIUM: Final = "unpacking Chromium"
UPDATING_PACKAGE_LIST: Final = "updating the list of packages"


def installing(name: str) -> str:
    """`name` is a lock or a package."""
    return f"installing {name}"


def resolving(lock: str) -> str:
    return f"resolving {lock}"


def npm(command: str) -> str:
    return f"npm {command}"


def step_took_too_long(step: str, minutes: int) -> str:
    return f"{step} took more than {minutes} minutes: try again."


def step_failed(step: str, code: int, output: str) -> str:
    return f"{step} failed (exit {code}):\n{output}"


# One set-up at a time.

WAITING_FOR_ANOTHER: Final = "waiting: another process is setting up"
ANOTHER_TAKES_TOO_LONG: Final = "another process has been setting up for too long: end it and try again."


def folder_not_writable(folder: str, reason: str) -> str:
    return f"cannot write to {folder}: {reason}. Daybook sets itself up there: make it writable."


# Programs that are missing.

NO_CHROMIUM: Final = (
    "the tests need Chromium or Chrome, but none is on the PATH: install one, or set DAYBOOK_CHROMIUM."
)


def no_ensurepip(python: str, package: str) -> str:
    return (
        f"this Python ({python}) does not have ensurepip, which makes environments: install it "
        f"(on Debian and Ubuntu `apt install {package}`) and try again."
    )


def not_on_the_path(package: str, variable: str) -> str:
    return (
        f"no {package} on the PATH: install it (on Debian and Ubuntu `apt-get install {package}`), "
        f"or set {variable}."
    )


def tests_skipped(reason: str) -> str:
    return f"some tests are skipped: {reason}"
