"""Children for the supervisor's own rules: `python -m tests.app.processes.standins FOLDER TABLE [SETTING=VALUE ...]`.

TABLE is JSON: [[name, program], ...], each program being Python that may use `ready()` and `note(text)`.
"""

import asyncio
import json
import sys

from app.processes import supervisor
from app.processes.supervisor import Part, supervise
from app.refusal import Refusal

PRELUDE = """
import os, pathlib, signal, sys, time
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
def note(text):
    with open(folder / "notes", "a") as file:
        file.write(f"{name} {text}\\n")
def ready():
    print("I am ready", flush=True)
def on_term(*_):
    note("SIGTERM")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
note(f"pid {os.getpid()}")
"""


def part(name: str, program: str, folder: str) -> Part:
    return Part(name, (sys.executable, "-c", PRELUDE + program, name, folder), "I am ready", ready_within=5.0)


def main() -> int:
    folder, table, *changes = sys.argv[1:]
    for change in changes:
        name, _, value = change.partition("=")
        assert hasattr(supervisor, name)
        setattr(supervisor, name, float(value))

    async def announce() -> None:
        print("all ready", flush=True)
        await asyncio.sleep(0)

    try:
        supervise([part(name, program, folder) for name, program in json.loads(table)], announce)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
