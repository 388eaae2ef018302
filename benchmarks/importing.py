"""Importing a bank statement: transactions per second, from the file to the last durable append."""

import os
from pathlib import Path
from typing import Any

from benchmarks.kit import ROOT, daybook, report, spread

RUNS = 5
BERKA = Path(os.environ.get("DAYBOOK_BERKA", ROOT.parent / "shared/data/berka")) / "transactions.csv.xz"


def main() -> None:
    if not BERKA.exists():
        raise SystemExit(f"The real transactions are not in {BERKA}; set DAYBOOK_BERKA to their folder.")
    imports: list[dict[str, Any]] = []
    for _ in range(RUNS):
        with daybook() as running:
            imports.append(running.run("import", str(BERKA), "--format", "berka"))
    report(
        f"import, {RUNS} runs on new ledgers",
        [
            {
                "what": "transactions/s (target 2,000)",
                **spread([float(done["transactions_per_s"]) for done in imports]),
            },
            {"what": "seconds", **spread([float(done["seconds"]) for done in imports])},
        ],
    )


if __name__ == "__main__":
    main()
