"""The forecast of a billing period's total against simple ones, on real daily series.

    .venv/bin/python benchmarks/forecast.py [--json FILE] [--markdown] [--series PICKLE]
        [--publish docs/backtest.md]

Every series of ``series.py`` gives up to ``MOST_WINDOWS`` periods of 30 days, evenly spread, with
up to 180 days before them; 5, 10, 15, 20 and 25 days of each are seen. Left out: periods with an
unknown day, of fewer than ``LEAST_UNITS`` units, or with less than ``LEAST_HISTORY_DAYS`` before.

Volatility of a window: the standard deviation of the weekly totals before the period, over their
mean; it is cut into thirds. Added behaviours are put on the periods of the calm third
with full history, on what was and what comes.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import publish
import series as real
from forecast_added import added, idle, young
from forecast_tables import markdown
from forecast_windows import (
    HISTORY_DAYS,
    MONDAY,
    OURS,
    PERIOD_DAYS,
    SEEN_DAYS,
    THIRDS,
    Windows,
    forecasts,
    points,
    ranges,
    windows,
)

from audit.forecast.method import fit
from audit.forecast.totals import period_totals

#: A source must have so many windows for its own coverage to mean something.
LEAST_OF_SOURCE = 60


def left_out(given: Windows, found: dict[str, np.ndarray], seen: int) -> dict:
    """Coverage of every source with the shocks calibrated on the other sources."""
    so_far = given.days[:, HISTORY_DAYS : HISTORY_DAYS + seen].sum(axis=1)
    actual = given.total - so_far
    usable = (found["rest"] > 0) & (found["scale"] > 0)
    with np.errstate(divide="ignore"):
        shocks = np.log(np.maximum(actual, 1e-9) / np.where(usable, found["rest"], 1.0))
    shocks = shocks / np.where(usable, found["scale"], 1.0)
    covered: dict[str, list[float]] = {"80": [], "95": []}
    for source in np.unique(given.source):
        mine = given.source == source
        if mine.sum() < LEAST_OF_SOURCE:
            continue
        for name, (low, high) in {"80": (0.1, 0.9), "95": (0.025, 0.975)}.items():
            bottom, top = np.quantile(shocks[~mine & usable], [low, high])
            inside = (shocks[mine] >= bottom) & (shocks[mine] <= top)
            covered[name].append(float(100 * inside.mean()))
    return {
        f"left_out_{name}": {"mean": float(np.mean(found)), "worst": float(np.min(found))}
        for name, found in covered.items()
    }


def accuracy(given: Windows) -> dict:
    out = {}
    everything = np.ones(len(given), dtype=bool)
    for seen in SEEN_DAYS:
        found = forecasts(given, seen)
        part = {
            "points": points(given, found, everything),
            "ranges": ranges(given.total, found, everything) | left_out(given, found, seen),
            "jumped": float(100 * found["jumped"].mean()),
        }
        part["thirds"] = {
            third: points(given, found, given.third == at)[OURS]
            | ranges(given.total, found, given.third == at)
            for at, third in enumerate(THIRDS)
        }
        part["sources"] = {
            source: points(given, found, given.source == source)[OURS]
            | ranges(given.total, found, given.source == source)
            | {"windows": int((given.source == source).sum())}
            for source in np.unique(given.source)
        }
        out[seen] = part
    return out


def agrees(given: Windows) -> float:
    """The largest relative difference between the batch and ``period_totals``."""
    seen = 10
    rows = np.flatnonzero(given.weekday == 0)[:200]
    found = forecasts(given.where(rows), seen)
    table = period_totals(_frame(given.days[rows, : HISTORY_DAYS + seen], MONDAY, seen),
                          MONDAY, MONDAY + timedelta(days=PERIOD_DAYS),
                          MONDAY + timedelta(days=seen))  # fmt: skip
    # A series that leaves its empty days out is read differently on purpose.
    same = ~table["note"].str.contains("without usage").to_numpy()
    worst = [
        np.abs((table[ours].to_numpy() + 1) / (found[name] + 1) - 1)[same].max()
        for ours, name in (("p50", OURS), ("p10", "p10"), ("p975", "p975"))
    ]
    return float(max(worst))


def _frame(days: np.ndarray, first: date, seen: int) -> pd.DataFrame:
    start = pd.Timestamp(first) - pd.Timedelta(days=days.shape[1] - seen)
    dates = pd.date_range(start, periods=days.shape[1])
    frame = pd.DataFrame(
        {
            "series": np.repeat(np.arange(len(days)), days.shape[1]),
            "day": np.tile(dates, len(days)),
            "quantity": days.ravel(),
        }
    )
    return frame.dropna(ignore_index=True)


def speed(given: Windows, repeats: int = 3) -> dict:
    """Series a second on one core, from rows to totals with ranges; and the same from an array."""
    seen = 10
    rows = np.resize(np.arange(len(given)), 3_000)
    days = given.days[rows, : HISTORY_DAYS + seen]
    frame = _frame(days, MONDAY, seen)
    ends = (MONDAY, MONDAY + timedelta(days=PERIOD_DAYS), MONDAY + timedelta(days=seen))
    whole = _fastest(lambda: period_totals(frame, *ends), repeats)
    last_day = MONDAY + timedelta(days=seen - 1)
    alone = _fastest(lambda: fit(days, last_day=last_day, horizon_days=PERIOD_DAYS - seen), repeats)
    return {"period_totals": len(rows) / whole, "fit": len(rows) / alone}


def _fastest(work: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def measure(frame: pd.DataFrame) -> dict:
    given = windows(frame)
    return {
        "series": len(np.unique(given.series)),
        "windows": len(given),
        "sources": sorted(np.unique(given.source).tolist()),
        "accuracy": accuracy(given),
        "young": young(given),
        "idle": idle(given),
        "added": {seen: added(given, seen) for seen in (10, 20)},
        "agrees": agrees(given),
        "speed": speed(given),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    parser.add_argument("--markdown", action="store_true", help="tables only, without speed")
    parser.add_argument("--series", type=Path, help="a pickle that series.py has saved")
    parser.add_argument("--publish", type=Path, help="write the tables into this page")
    chosen = parser.parse_args()
    frame = pd.read_pickle(chosen.series) if chosen.series else real.load()
    result = measure(frame)
    tables = markdown(result)
    fast = (
        f"One core: {result['speed']['period_totals']:,.0f} series a second from rows to "
        f"totals with ranges, {result['speed']['fit']:,.0f} from an array."
    )
    print(tables)
    if chosen.publish:
        publish.between(chosen.publish, "forecast", f"{tables}\n\n{fast}")
    if not chosen.markdown:
        print(f"\n{fast}")
        print(f"Batch against period_totals: {result['agrees']:.1e} apart at most.")
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
