"""Memory (PSS, so that shared pages count once) and CPU of the whole of Daybook while nothing happens."""

import time

import psutil

from benchmarks.kit import daybook, report

SETTLE = 10.0
WATCH = 30.0


def main() -> None:
    with daybook() as running:
        time.sleep(SETTLE)
        processes = running.processes()
        before = {process.pid: _cpu(process) for process in processes}
        time.sleep(WATCH)
        rows: list[dict[str, object]] = [
            {
                "what": _name(process),
                "PSS MB": _pss(process),
                "RSS MB": process.memory_info().rss / 1e6,
                "% of a core": 100 * (_cpu(process) - before[process.pid]) / WATCH,
            }
            for process in processes
        ]
    total = {key: sum(float(str(row[key])) for row in rows) for key in ("PSS MB", "RSS MB", "% of a core")}
    report("idle", [*rows, {"what": "all (target: 350 MB, 3 %)", **total}])


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _pss(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    return " ".join(word.rsplit("/", 1)[-1] for word in words[:5])[:48].strip()


if __name__ == "__main__":
    main()
