"""1,000 accounts of the sample end to end: is every report there, and does memory stay flat?

Run it with `make many`. It prints the rate, the peak private memory of the first and of the last
hundred accounts, and what the process that they are forked from has grown by.

    python benchmarks/many.py --accounts 1000
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(ran(Path(folder), options.accounts))


def ran(folder: Path, accounts: int) -> str:
    from audit.engine.pool import Pool
    from audit.sources.sample import portfolio
    from audit.store import publish

    tables = portfolio(accounts, as_of=date(2026, 11, 1)).tables
    store = publish(folder / "store.duckdb", tables)
    notebook = HERE.parent / "notebooks" / "account_audit.ipynb"
    same = {"store": str(store), "out": str(folder / "out"), "notebook": str(notebook)}
    payloads = [
        {"organization": name, **same}
        for name in sorted(map(str, tables["organizations"]["organization_id"]))
    ]
    os.environ["PYTHONPATH"] = str(HERE)
    peaks: list[float] = []
    problems: list[str] = []
    with Pool() as pool:
        list(pool.run("engine:nothing", [{}]))
        assert pool._zygote is not None
        before, began = resident(pool._zygote._process.pid), time.perf_counter()
        for done in pool.run("engine:audited", payloads):
            peaks.append(done.peak_private_mb)
            problems += [done.problem] if done.problem else []
            if len(peaks) % 100 == 0:
                print(f"{len(peaks)} of {accounts}", file=sys.stderr)
        seconds = time.perf_counter() - began
        grown = resident(pool._zygote._process.pid) - before
        processes = pool.processes
    reports = len(list((folder / "out").glob("*/*/audit.html")))
    part = max(min(100, accounts // 4), 1)
    return (
        f"{reports} of {accounts} reports on {processes} processes, "
        f"{seconds / accounts:.2f} s an account; private memory, median (most): first {part} "
        f"{median(peaks[:part]):.0f} ({max(peaks[:part]):.0f}) MB, last {part} "
        f"{median(peaks[-part:]):.0f} ({max(peaks[-part:]):.0f}) MB; the process they are forked "
        f"from grew by {grown:.1f} MB. {problems[:3] or 'No problems.'}"
    )


def resident(process: int) -> float:
    """Megabytes."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
