"""`./daybook bench commands`: everything in one table. It takes about nine minutes."""

import uvloop

from app.refusal import Refusal
from app.setup.debian import WRK
from benchmarks.commands import deposits, history, hot, latency
from benchmarks.commands.extent import extent
from benchmarks.commands.rows import Row
from benchmarks.kit import report


def main() -> None:
    try:
        rows = uvloop.run(measured())
    except Refusal as refusal:
        raise SystemExit(f"daybook: {refusal}") from None
    report(f"commands: {extent().runs} runs of {extent().seconds} s each, alternating", rows)


async def measured() -> list[Row]:
    wrk, wanted = WRK.obtain(), extent()
    return [
        *deposits.measured(wanted, wrk),
        *await hot.measured(wanted),
        *await history.measured(wanted, wrk),
        *await latency.measured(wanted),
        *await history.loaded(wanted),
    ]


if __name__ == "__main__":
    main()
