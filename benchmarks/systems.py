"""A portfolio pull against what the vendors' own limits allow.

    .venv/bin/python benchmarks/systems.py [--organizations 2000] [--latency 0.05]

The fakes run in a process of their own, hold each vendor's limits and answer after the latency. The
pull runs in another, is killed in its middle, begun again, and then run once whole. Printed: the
wall time against the least that limits and latency allow (the longest list can only be read page
after page; what is beyond a limit has to wait), the peak memory, and how many requests of the
second run the first had answered already.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

AS_OF = date(2026, 11, 1)
#: Usage of so many days is read.
HISTORY_DAYS = 30


def serve(organizations: int, latency: float) -> None:
    """All fakes, until standard input ends; a line "log" prints what was asked and forgets it."""
    from audit.sources.sample import portfolio
    from audit.testing import FakeSystems

    tables = portfolio(organizations, as_of=AS_OF).tables
    daily = tables["usage_daily"]
    # A card of a week: its answer is one piece, and the warehouse has the month.
    week = daily[daily["day"] >= "2026-10-25"]
    with FakeSystems({**tables, "usage_daily": daily}, AS_OF, latency=latency) as systems:
        from audit.testing import filling

        filling.metabase(systems.metabase, {**tables, "usage_daily": week})
        print(json.dumps({"settings": systems.settings, "keys": systems.keys}), flush=True)
        for line in sys.stdin:
            if line.strip() == "log":
                print(json.dumps({f.name: asked(f) for f in systems.all}), flush=True)
                for fake in systems.all:
                    fake.well()


def asked(fake) -> dict:
    lists = Counter(
        (one.path, *sorted((k, v) for k, v in one.query.items() if k not in CURSORS))
        for one in fake.asked
        if one.method == "GET"
    )
    return {
        "requests": len(fake.asked),
        "longest_list": max(lists.values(), default=0),
        "limits": fake.limits,
    }


CURSORS = ("from", "starting_after", "page[after]", "page", "page_token", "cursor")


def pull(folder: Path) -> None:
    """One pull in this process; prints its wall time and peak memory."""
    from audit.sources.systems import pull_systems
    from audit.store import publish
    from audit.web.systems import Systems

    given = json.loads((folder / "systems.json").read_text())
    os.environ.update(given["keys"])
    began = time.perf_counter()
    pulled = pull_systems(
        Systems(**given["settings"]),
        as_of=AS_OF,
        history_days=HISTORY_DAYS,
        kept=folder / "kept",
    )
    publish(folder / "audit.duckdb", pulled.tables, merge=True)
    took = time.perf_counter() - began
    rows = {name: len(frame) for name, frame in pulled.tables.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "mb": peak, "rows": rows, "failed": pulled.failed}))


def least(log: dict, latency: float) -> dict[str, float]:
    """Seconds each system needs at the least."""
    out = {}
    for name, one in log.items():
        waits = [
            math.floor((one["requests"] - 1) / most) * seconds for most, seconds in one["limits"]
        ]
        out[name] = max([one["longest_list"] * latency, *waits]) if one["requests"] else 0.0
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--organizations", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--pull", type=Path)
    given = parser.parse_args()
    if given.serve:
        serve(given.organizations, given.latency)
        return
    if given.pull:
        pull(given.pull)
        return
    me = [sys.executable, __file__]
    sizes = ["--organizations", str(given.organizations), "--latency", str(given.latency)]
    fakes = subprocess.Popen(
        [*me, "--serve", *sizes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def log() -> dict:
        print("log", file=fakes.stdin, flush=True)
        return json.loads(fakes.stdout.readline())

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "systems.json").write_text(fakes.stdout.readline())
        whole = json.loads(subprocess.check_output([*me, "--pull", name]))
        first = log()
        bound = least(first, given.latency)
        subprocess.run(["rm", "-rf", str(folder / "kept")], check=True)
        killed = subprocess.Popen([*me, "--pull", name], stdout=subprocess.DEVNULL)
        time.sleep(whole["seconds"] / 2)
        killed.kill()
        killed.wait()
        time.sleep(1)
        before = sum(one["requests"] for one in log().values())
        again = json.loads(subprocess.check_output([*me, "--pull", name]))
        rest = sum(one["requests"] for one in log().values())
    fakes.stdin.close()
    fakes.wait()
    every = sum(one["requests"] for one in first.values())
    print(f"{given.organizations:,} organizations, {given.latency * 1000:.0f} ms, rows:")
    print("  " + ", ".join(f"{table} {rows:,}" for table, rows in whole["rows"].items()))
    for system, one in first.items():
        print(f"  {system:10} {one['requests']:6,} requests, at least {bound[system]:6.1f} s")
    print(f"whole: {whole['seconds']:.1f} s, {whole['seconds'] / max(bound.values()):.2f} times")
    print(f"peak memory: {whole['mb']:.0f} MB; failed: {whole['failed'] or 'none'}")
    print(
        f"killed after half the time: {before:,} requests; begun again: {rest:,} more in "
        f"{again['seconds']:.1f} s, of {every:,}"
    )


if __name__ == "__main__":
    main()
