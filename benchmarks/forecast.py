"""The forecast of a billing period's total against simple ones, on real daily series.

    .venv/bin/python benchmarks/forecast.py [--json FILE] [--markdown] [--series PICKLE]
        [--publish docs/backtest.md]

Every series of ``series.py`` gives up to ``MOST_WINDOWS`` periods of 30 days, evenly spread, with
up to 180 days before them; 5, 10, 15, 20 and 25 days of each are seen. Left out: periods with an
unknown day, of fewer than ``LEAST_UNITS`` units, or with less than ``LEAST_HISTORY_DAYS`` before.

Volatility of a window: the standard deviation of the weekly totals before the period, over their
mean; it is cut into thirds. Added behaviours (``--markdown``, "added") are put on the calm third
with full history, on what was and what comes.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import publish
import series as real

from audit.forecast.baselines import BASELINES
from audit.forecast.intervals import shock
from audit.forecast.method import fit
from audit.forecast.totals import period_totals

PERIOD_DAYS = 30
HISTORY_DAYS = 180
SEEN_DAYS = (5, 10, 15, 20, 25)
MOST_WINDOWS = 15
LEAST_HISTORY_DAYS = 60
LEAST_UNITS = 30.0
THIRDS = ("calm", "middle", "jumpy")
#: A Monday; only weekdays matter to the forecast.
MONDAY = date(2024, 1, 1)
PROBABILITIES = {"p025": 0.025, "p10": 0.10, "p90": 0.90, "p975": 0.975}
#: A source must have so many windows for its own coverage to mean something.
LEAST_OF_SOURCE = 60
OURS = "ours"
METHODS = ("run_rate", "last_period", "last_week", "seasonal_naive", OURS)


@dataclass(frozen=True)
class Windows:
    """``days`` (windows, 210): history, NaN where there is none, then the period. ``weekday``: of
    the first day of the period, Monday 0."""

    days: np.ndarray
    weekday: np.ndarray
    series: np.ndarray
    source: np.ndarray
    volatility: np.ndarray

    def __len__(self) -> int:
        return len(self.days)

    def where(self, chosen: np.ndarray) -> "Windows":
        return Windows(
            self.days[chosen],
            self.weekday[chosen],
            self.series[chosen],
            self.source[chosen],
            self.volatility[chosen],
        )

    @property
    def total(self) -> np.ndarray:
        return self.days[:, HISTORY_DAYS:].sum(axis=1)

    @property
    def third(self) -> np.ndarray:
        cuts = np.quantile(self.volatility, [1 / 3, 2 / 3])
        return np.searchsorted(cuts, self.volatility)


def windows(frame: pd.DataFrame) -> Windows:
    days, weekdays, names, sources = [], [], [], []
    for name, (source, last_day, values) in real.arrays(frame).items():
        newest = len(values) - PERIOD_DAYS
        starts = np.unique(
            np.linspace(LEAST_HISTORY_DAYS, newest, MOST_WINDOWS).astype(np.int64)
        ) if newest >= LEAST_HISTORY_DAYS else np.array([], dtype=np.int64)  # fmt: skip
        for start in _apart(starts):
            period = values[start : start + PERIOD_DAYS]
            before = values[max(start - HISTORY_DAYS, 0) : start]
            if np.isnan(period).any() or period.sum() < LEAST_UNITS:
                continue
            if np.count_nonzero(~np.isnan(before)) < LEAST_HISTORY_DAYS * 0.9:
                continue
            row = np.full(HISTORY_DAYS + PERIOD_DAYS, np.nan)
            row[HISTORY_DAYS - len(before) : HISTORY_DAYS] = before
            row[HISTORY_DAYS:] = period
            days.append(row)
            first = last_day - pd.Timedelta(days=len(values) - 1 - int(start))
            weekdays.append(first.weekday())
            names.append(name)
            sources.append(source)
    table = np.array(days)
    return Windows(
        table,
        np.array(weekdays),
        np.array(names, dtype=object),
        np.array(sources, dtype=object),
        _volatility(table),
    )


def _apart(starts: np.ndarray) -> list[int]:
    """Starts that are at least half a period apart."""
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or start - kept[-1] >= PERIOD_DAYS // 2:
            kept.append(start)
    return kept


def _volatility(days: np.ndarray) -> np.ndarray:
    weeks = days[:, HISTORY_DAYS % 7 : HISTORY_DAYS].reshape(len(days), -1, 7)
    known = np.count_nonzero(~np.isnan(weeks), axis=2)
    totals = np.where(known >= 5, np.nansum(weeks, axis=2) / np.maximum(known, 1), np.nan)
    return np.nanstd(totals, axis=1) / np.maximum(np.nanmean(totals, axis=1), 1e-9)


def forecasts(given: Windows, seen: int, names: tuple[str, ...] = METHODS) -> dict[str, np.ndarray]:
    """Totals by method; ours with the ends of its ranges, ``scale``, ``rest`` and ``stays``."""
    left = PERIOD_DAYS - seen
    known = given.days[:, : HISTORY_DAYS + seen]
    so_far = known[:, HISTORY_DAYS:].sum(axis=1)
    out = {
        name: so_far + baseline(known, elapsed_days=seen, horizon_days=left)
        for name, baseline in BASELINES.items()
        if name in names
    }
    if OURS in names:
        out |= ours(given, seen, so_far)
    return out


def ours(given: Windows, seen: int, so_far: np.ndarray) -> dict[str, np.ndarray]:
    left = PERIOD_DAYS - seen
    count = len(given)
    rest, stays, scale = np.zeros(count), np.zeros(count), np.zeros(count)
    jumped = np.zeros(count, dtype=bool)
    for weekday in range(7):
        rows = np.flatnonzero(given.weekday == weekday)
        if len(rows) == 0:
            continue
        first = MONDAY + timedelta(days=weekday)
        found = fit(
            given.days[rows, : HISTORY_DAYS + seen],
            last_day=first + timedelta(days=seen - 1),
            horizon_days=left,
        )
        coming = (weekday + seen + np.arange(left)) % 7
        share = found.factors[:, coming].sum(axis=1)
        rest[rows], stays[rows] = found.level * share, found.level_if_it_stays * share
        scale[rows], jumped[rows] = found.scale, found.jumped
    ends = {
        name: so_far + rest * np.exp(scale * shock(probability, seen))
        for name, probability in PROBABILITIES.items()
    }
    return {
        OURS: so_far + rest,
        "if_it_stays": so_far + stays,
        "rest": rest,
        "scale": scale,
        "jumped": jumped,
        **ends,
    }


def errors(total: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Signed, percent of the actual total."""
    return 100 * (forecast / total - 1)


def points(given: Windows, found: dict[str, np.ndarray], chosen: np.ndarray) -> dict:
    total = given.total[chosen]
    out = {}
    for name in METHODS:
        off = errors(total, found[name][chosen])
        off = off[~np.isnan(off)]
        out[name] = {
            "median": float(np.median(np.abs(off))),
            "mean": float(np.mean(np.abs(off))),
            "bias": float(np.median(off)),
        }
    for name in METHODS:
        out[name]["ratio"] = out[name]["median"] / max(out["run_rate"]["median"], 1e-9)
    return out


def ranges(total: np.ndarray, found: dict[str, np.ndarray], chosen: np.ndarray) -> dict:
    out = {}
    actual = total[chosen]
    for name, low, high in (("80", "p10", "p90"), ("95", "p025", "p975")):
        bottom, top = found[low][chosen], found[high][chosen]
        out[f"covered_{name}"] = float(100 * np.mean((bottom <= actual) & (actual <= top)))
        out[f"width_{name}"] = float(100 * np.median((top - bottom) / actual))
    return out


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


#: History kept before the period, for the young.
SHORT_DAYS = (60, 30, 14, 7, 3)


def young(given: Windows) -> dict:
    """The same windows with less history, 10 days seen."""
    out = {}
    everything = np.ones(len(given), dtype=bool)
    for kept in SHORT_DAYS:
        days = given.days.copy()
        days[:, : HISTORY_DAYS - kept] = np.nan
        less = replace(given, days=days)
        found = forecasts(less, 10)
        out[kept] = points(less, found, everything)
        out[kept][OURS] |= ranges(less.total, found, everything)
    return out


#: Up to these shares of the days before the period without any use.
IDLE_SHARES = (0.02, 0.2, 0.5, 1.0)


def idle(given: Windows) -> dict:
    """By the share of days without use before the period, 10 days seen."""
    past = given.days[:, :HISTORY_DAYS]
    share = (past == 0).sum(axis=1) / np.count_nonzero(~np.isnan(past), axis=1)
    found = forecasts(given, 10)
    out = {}
    least = -1.0
    for most in IDLE_SHARES:
        chosen = (share > least) & (share <= most)
        least = most
        out[most] = {"windows": int(chosen.sum())} | points(given, found, chosen)
        out[most][OURS] |= ranges(given.total, found, chosen)
    return out


@dataclass(frozen=True)
class Times:
    """Days ``first`` to ``last`` times ``factor``; 0 is the last day seen, or with ``of_period``
    the first day of the period."""

    factor: float
    first: int
    last: int
    of_period: bool = False

    def __call__(self, days: np.ndarray, seen: int) -> np.ndarray:
        zero = HISTORY_DAYS + (0 if self.of_period else seen - 1)
        out = days.copy()
        out[:, zero + self.first : zero + self.last + 1] *= self.factor
        return out


@dataclass(frozen=True)
class Grows:
    """All days along, times ``factor`` in ``every_days``."""

    factor: float
    every_days: int

    def __call__(self, days: np.ndarray, _: int) -> np.ndarray:
        away = np.arange(days.shape[1]) - HISTORY_DAYS
        return days * self.factor ** (away / self.every_days)


FAR = PERIOD_DAYS
ADDED: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "nothing": Times(1, 0, 0),
    "10x day, 7 days before the period": Times(10, -7, -7, of_period=True),
    "10x day in the period": Times(10, -5, -5),
    "10x on the last day seen": Times(10, 0, 0),
    "5x for 3 days, over 4 days ago": Times(5, -6, -4),
    "doubles 2 days ago and stays": Times(2, -1, FAR),
    "doubles 3 days ago and stays": Times(2, -2, FAR),
    "doubles 5 days ago and stays": Times(2, -4, FAR),
    "doubles 6 days ago and stays": Times(2, -5, FAR),
    "halves 3 days ago and stays": Times(0.5, -2, FAR),
    "halves 5 days ago and stays": Times(0.5, -4, FAR),
    "halves 7 days ago and stays": Times(0.5, -6, FAR),
    "doubles 10 days before the period": Times(2, -10, FAR, of_period=True),
    "grows 3% a week": Grows(1.03, 7),
    "doubles every 60 days": Grows(2, 60),
    "halves every 60 days": Grows(0.5, 60),
    "dip x0.4, 7 days, before the period": Times(0.4, -7, -1, of_period=True),
    "dip x0.4 on days 2-6 of the period": Times(0.4, 1, 5, of_period=True),
    "one day at zero": Times(0, -5, -5),
}


def calm(given: Windows) -> Windows:
    whole = ~np.isnan(given.days).any(axis=1)
    return given.where(whole & (given.third == 0))


def added(given: Windows, seen: int) -> dict:
    quiet = calm(given)
    everything = np.ones(len(quiet), dtype=bool)
    out = {}
    for name, change in ADDED.items():
        changed = replace(quiet, days=change(quiet.days, seen))
        found = forecasts(changed, seen)
        row = points(changed, found, everything)
        row[OURS] |= ranges(changed.total, found, everything)
        row[OURS]["if_it_stays"] = float(
            np.median(np.abs(errors(changed.total, found["if_it_stays"])))
        )
        row[OURS]["jumped"] = float(100 * found["jumped"].mean())
        out[name] = row
    return {"windows": len(quiet), "rows": out}


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


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def words(name: str) -> str:
    return name.replace("_", " ")


def markdown(result: dict) -> str:
    found = result["accuracy"]
    seen = list(found)
    parts = [
        f"{result['series']} series of {len(result['sources'])} sources "
        f"({', '.join(result['sources'])}), {result['windows']:,} periods of 30 days.",
        "Median absolute error of the period's total, percent, by days seen:",
        table(
            ["", *(f"day {k}" for k in seen)],
            [[words(m), *(f"{found[k]['points'][m]['median']:.2f}" for k in seen)] for m in METHODS]
            + [["ours : run rate", *(f"{found[k]['points'][OURS]['ratio']:.2f}" for k in seen)]],
        ),
        "Mean absolute error, and the median signed error of ours, percent:",
        table(
            ["", *(f"day {k}" for k in seen)],
            [
                [words(m), *(f"{found[k]['points'][m]['mean']:.1f}" for k in seen)]
                for m in ("run_rate", OURS)
            ]
            + [["bias of ours", *(f"{found[k]['points'][OURS]['bias']:+.1f}" for k in seen)]],
        ),
        "Ranges: share of totals inside, and median width over the total, percent. Left out: "
        "the shocks calibrated on the other sources, mean and worst source:",
        table(
            ["", *(f"day {k}" for k in seen)],
            [
                [
                    "80%: inside, width",
                    *(
                        f"{found[k]['ranges']['covered_80']:.1f}, "
                        f"{found[k]['ranges']['width_80']:.0f}"
                        for k in seen
                    ),
                ],
                [
                    "95%: inside, width",
                    *(
                        f"{found[k]['ranges']['covered_95']:.1f}, "
                        f"{found[k]['ranges']['width_95']:.0f}"
                        for k in seen
                    ),
                ],
                *(
                    [
                        f"{p}%, left out",
                        *(
                            f"{found[k]['ranges'][f'left_out_{p}']['mean']:.0f}, "
                            f"{found[k]['ranges'][f'left_out_{p}']['worst']:.0f}"
                            for k in seen
                        ),
                    ]
                    for p in ("80", "95")
                ),
                [
                    "80%: calm, middle, jumpy",
                    *(
                        ", ".join(f"{found[k]['thirds'][t]['covered_80']:.0f}" for t in THIRDS)
                        for k in seen
                    ),
                ],
            ],
        ),
        "By source, day 10: median error of ours, its ratio to run rate, 80% inside and width:",
        table(
            ["source", "periods", "error", "ratio", "inside", "width"],
            [
                [
                    source,
                    str(row["windows"]),
                    f"{row['median']:.1f}",
                    f"{row['ratio']:.2f}",
                    f"{row['covered_80']:.0f}",
                    f"{row['width_80']:.0f}",
                ]
                for source, row in found[10]["sources"].items()
            ],
        ),
        "With less history, day 10: median error, percent; 80% inside and width of ours:",
        table(
            ["days before the period", *(words(m) for m in METHODS), "inside", "width"],
            [
                [
                    str(kept),
                    *(f"{row[m]['median']:.1f}" for m in METHODS),
                    f"{row[OURS]['covered_80']:.0f}",
                    f"{row[OURS]['width_80']:.0f}",
                ]
                for kept, row in result["young"].items()
            ],
        ),
    ]
    parts += [
        "By days without use before the period, day 10: the same:",
        table(
            ["days without use", "periods", *(words(m) for m in METHODS), "inside", "width"],
            [
                [
                    f"up to {100 * share:.0f}%",
                    str(row["windows"]),
                    *(f"{row[m]['median']:.1f}" for m in METHODS),
                    f"{row[OURS]['covered_80']:.0f}",
                    f"{row[OURS]['width_80']:.0f}",
                ]
                for share, row in result["idle"].items()
            ],
        ),
    ]
    for k, part in result["added"].items():
        parts += [
            f"Added to {part['windows']} calm periods, day {k}: median error, percent (in "
            "brackets the median signed error):",
            table(
                ["added", *(words(m) for m in METHODS), "if it stays", "80% inside", "two totals"],
                [
                    [
                        name,
                        *(f"{row[m]['median']:.1f}" for m in METHODS[:-1]),
                        f"{row[OURS]['median']:.1f} ({row[OURS]['bias']:+.1f})",
                        f"{row[OURS]['if_it_stays']:.1f}",
                        f"{row[OURS]['covered_80']:.0f}",
                        f"{row[OURS]['jumped']:.0f}",
                    ]
                    for name, row in part["rows"].items()
                ],
            ),
        ]
    return "\n\n".join(parts)


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
