"""Speed and memory against the targets of the project, on one core, each as a ratio.

Run it with `make bench`. A ratio below 1 meets its target. Machines differ and are noisy, so
the same run also times a fixed job (a pure Python loop); its seconds tell how fast this
machine is today: on the machine the targets were set for it takes about one second.

    python benchmarks/speed.py --organizations 20000 --json figures.json
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

ORGANIZATIONS = 20_000
TIER_WALKS = 1_000_000
SERIES = 1_000
SERIES_DAYS = 190
PATHS = 10_000
LOOP = 20_000_000

TARGETS = {
    "import audit": (0.5, "s"),
    "findings of one account": (0.5, "s"),
    "the same, for the team": (0.5, "s"),
    "scan of all accounts": (15.0, "s"),
    "scan peak memory": (3072.0, "MB"),
    "a million tier walks": (1.0, "s"),
    "totals of 1,000 series": (1.0, "s"),
    "plan on 10,000 paths": (1.0, "s"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--organizations", type=int, default=ORGANIZATIONS)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--store", type=Path, help="an existing store; made when it is absent")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        options.store = options.store or Path(folder) / "bench.duckdb"
        rows = made(options)
        report(measured(options), rows, options)


def made(options: argparse.Namespace) -> dict[str, int]:
    """The portfolio as a store, in a process of its own so that its memory is not counted."""
    if not options.store.exists():
        print(f"making {options.organizations:,} sample accounts ...", file=sys.stderr)
        code = (
            "import sys; from audit.sources.sample import portfolio; "
            "from audit.store import publish; "
            "publish(sys.argv[1], portfolio(int(sys.argv[2]), history_days=120).tables)"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(options.store), str(options.organizations)], check=True
        )
    import duckdb

    with duckdb.connect(str(options.store), read_only=True) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("organizations", "usage_rows", "usage_daily")
        }


def measured(options: argparse.Namespace) -> dict[str, float]:
    figures = {"reference loop": timed(reference_loop, 3)}
    bare = timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), options.runs)
    whole = timed(
        lambda: subprocess.run([sys.executable, "-c", "import audit"], check=True), options.runs
    )
    figures["import audit"] = max(0.0, whole - bare)
    for part in PARTS:
        figures |= in_own_process(part, options)
    return figures


def in_own_process(part: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", part, "--store", str(options.store)]
    command += ["--runs", str(options.runs)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(out.stdout)


def account(options: argparse.Namespace) -> dict[str, float]:
    """Findings of one account: read it from the store, examine it, write the document."""
    one_core()
    import audit
    from audit.findings.document import to_json
    from audit.store import Store

    with Store.open(options.store) as store:
        ids = spread(store, options.runs + 2)

    def once(organization: str, audience: str) -> None:
        with Store.open(options.store) as store:
            to_json(audit.examine(store.account(organization), audience=audience))

    def typical(audience: str) -> float:
        once(ids[0], audience)  # imports and price files
        return median(seconds(lambda i=i: once(i, audience)) for i in ids[1:])

    return {
        "findings of one account": typical("customer"),
        "the same, for the team": typical("team"),
    }


def scan(options: argparse.Namespace) -> dict[str, float]:
    one_core()
    import audit

    taken = seconds(lambda: audit.scan(options.store, audience="team"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"scan of all accounts": taken, "scan peak memory": peak}


def walks(options: argparse.Namespace) -> dict[str, float]:
    one_core()
    import numpy as np

    from audit.pricing import Catalogue

    schedule = Catalogue.load().metered_schedule("product_analytics", date(2026, 11, 1))
    quantities = np.random.default_rng(7).integers(0, 400_000_000, TIER_WALKS)
    schedule.cents(quantities[:10])
    return {"a million tier walks": timed(lambda: schedule.cents(quantities), options.runs)}


def totals(options: argparse.Namespace) -> dict[str, float]:
    """Totals with ranges of a running period, from rows of (series, day, quantity)."""
    one_core()
    import numpy as np
    import pandas as pd

    from audit.forecast import period_totals

    days = pd.date_range("2026-05-01", periods=SERIES_DAYS)
    counts = np.random.default_rng(7).poisson(1_000, (SERIES, SERIES_DAYS))
    history = pd.DataFrame(
        {
            "series": np.repeat(np.arange(SERIES), SERIES_DAYS),
            "day": np.tile(days, SERIES),
            "quantity": counts.ravel(),
        }
    )
    as_of = (days[-1] + pd.Timedelta(days=1)).date()
    start, end = as_of - timedelta(days=10), as_of + timedelta(days=20)
    period_totals(history, start, end, as_of)
    taken = timed(lambda: period_totals(history, start, end, as_of), options.runs)
    return {"totals of 1,000 series": taken}


def plan(options: argparse.Namespace) -> dict[str, float]:
    """The coming year of one examined account, and the decision on it; not the audit before."""
    one_core()
    from dataclasses import replace

    import audit
    from audit.findings.outlook.ahead import outlook
    from audit.prepaid import plan_of
    from audit.store import Store

    with Store.open(options.store) as store:
        accounts = [store.account(identity) for identity in spread(store, options.runs + 1)]
    audits = [audit.examine(one, audience="team", draws=100) for one in accounts]

    def once(of: audit.Audit) -> None:
        ahead = outlook(of.terms, of.account, of.as_of, draws=PATHS)
        plan_of(replace(of, outlook=ahead))

    once(audits[0])
    return {"plan on 10,000 paths": median(seconds(lambda i=i: once(i)) for i in audits[1:])}


PARTS = {"account": account, "scan": scan, "walks": walks, "totals": totals, "plan": plan}


def one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def spread(store: Any, count: int) -> list[str]:
    """So many organizations, from all over the store."""
    known = list(store.organizations()["organization_id"])
    return known[:: max(1, len(known) // count)][:count]


def reference_loop() -> None:
    total = 0
    for number in range(LOOP):
        total += number


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed(work: Callable[[], object], runs: int) -> float:
    return median(seconds(work) for _ in range(runs))


def report(figures: dict[str, float], rows: dict[str, int], options: argparse.Namespace) -> None:
    print(", ".join(f"{count:,} {table}" for table, count in rows.items()))
    print(f"{'reference loop':28} {figures['reference loop']:10.3f} s")
    for name, (target, unit) in TARGETS.items():
        value = figures[name]
        print(
            f"{name:28} {value:10.3f} {unit:3} target {target:7g} {unit:3} "
            f"ratio {value / target:6.3f}"
        )
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, **figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
