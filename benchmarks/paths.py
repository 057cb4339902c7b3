"""The twelve billing periods after the running one, against what came, on real daily series.

    .venv/bin/python benchmarks/paths.py [--series PICKLE] [--markdown] [--most 12]
        [--publish docs/paths.md]
    .venv/bin/python benchmarks/paths.py --calibrate      # the tables of audit/forecast/spread.py

Every series of ``series.py`` of which more than a year is left is forecast from a day every
``STEP_DAYS``, with 15 days of a billing period gone, from all that was known and from the last
10, 20, 40, 80, 160 and 320 days of it ("age"): real calendar months, real weekdays.

Coverage: of the 80% and 95% ranges of single months and of the twelve-month total, with the
tables as shipped, and for each source with tables made from the other sources alone ("left out").
Error: of the median, in percent (MdAPE), and its ratio to what simple rules leave: the last 28
days carried on, last year's total, the same month of last year. A source counts with the square
root of its windows, so that none outweighs the rest. Then the 80% range of the sum of five series
of a source, months after a clear step, what a trend would do, levels that wander without return,
and the time of 10,000 draws of ten series.
"""

import argparse
import os
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import publish
import series as real
from path_simulated import speed, wandering
from path_steps import KINDS, LASTED, Stepped, planted, stepped
from path_windows import AGES, WHOLE, Window, coming, windows

from audit.forecast import spread
from audit.forecast.draws import levels, ranks
from audit.forecast.growth import Outlook
from audit.forecast.months import boundaries
from audit.forecast.notes import YOUNG_DAYS
from audit.forecast.paths import between_periods, simulate
from audit.forecast.steps import none

DRAWS = 500
MONTHS = (1, 3, 6, 9, 12)

#: Ages in days that make one row of the tables, and how much their ends are widened for sources
#: that were left out.
ROWS = ((0, 15), (15, 60), (60, 120), (120, 240), (240, 400))
WIDENED = (1.05, 1.05, 1.12, 1.2, 1.35)
WIDENED_WITH_SEASON = 1.2
MONTHS_OF_LEAD = ((1,), (2, 3, 4), (5, 6, 7), (11, 12))
FARTHEST = 3.0
#: Series of one source that are added up.
GROUP = 5
#: Days whose slope is tried as a trend.
TREND_DAYS = 168


def weights(source: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(source, return_inverse=True, return_counts=True)
    return 1 / np.sqrt(count[place])


def quantile(values: np.ndarray, weight: np.ndarray, chance: float) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weight[order])
    return float(values[order][min(np.searchsorted(sums, chance * sums[-1]), len(values) - 1)])


@dataclass(frozen=True)
class Errors:
    """Errors of months in multiples of the scale; ``row`` of the tables, -1 with a season."""

    source: np.ndarray
    row: np.ndarray
    errors: np.ndarray

    def tables(self, left_out: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.source != left_out
        rows = [self._row(chosen & (self.row == k), WIDENED[k]) for k in range(len(ROWS))]
        return np.array(rows), np.array(self._row(chosen & (self.row == -1), WIDENED_WITH_SEASON))

    def _row(self, chosen: np.ndarray, widened: float) -> list[list[float]]:
        """Later months are never surer, though in public data a year ahead is the same season."""
        out = []
        for months in MONTHS_OF_LEAD:
            errors = np.concatenate([self.errors[chosen, month - 1] for month in months])
            weight = np.tile(weights(self.source[chosen]), len(months))
            found = [quantile(errors, weight, chance) for chance in spread.PROBABILITIES]
            found[0] *= widened
            found[-1] *= widened
            found[2] = 0.0
            out.append(found)
        lows = np.minimum.accumulate(np.array(out), axis=0)
        highs = np.maximum.accumulate(np.array(out), axis=0)
        return np.column_stack([lows[:, :2], highs[:, 2:]]).round(2).tolist()


def errors_of(chosen: list[Window], outlooks: list[tuple[Outlook, np.ndarray]]) -> Errors:
    rows, errors = [], []
    for window, (found, ordinary) in zip(chosen, outlooks, strict=True):
        offset = found.offset[0]
        ratio = window.actual[1:] / np.maximum(found.middle[0] * ordinary, 1e-300)
        logs = np.log(np.maximum((ratio + offset) / (1 + offset), 0.05))
        errors.append(np.clip(logs, -FARTHEST, FARTHEST) / found.scale[0])
        days = found.history_days[0]
        of_age = next(
            (k for k, (low, high) in enumerate(ROWS) if low <= days < high), len(ROWS) - 1
        )
        rows.append(-1 if found.has_season[0] else of_age)
    return Errors(np.array([w.source for w in chosen]), np.array(rows), np.array(errors))


def ranges(outlooks: list[tuple[Outlook, np.ndarray]]) -> np.ndarray:
    """Quantiles (2.5, 10, 50, 90, 97.5%) of months 1 to 12 and, last, of their total: what
    ``simulate`` gives, its places drawn once."""
    chance = levels(DRAWS)
    places = {
        young: ranks(DRAWS, 1, np.eye(1), between_periods(np.array([0.0 if young else 999.0])))
        for young in (True, False)
    }
    out = np.empty((len(outlooks), 13, 5))
    for k, (found, ordinary) in enumerate(outlooks):
        months = found.per_day(chance)[0] * ordinary[:, None]
        out[k, :12] = np.quantile(months, spread.PROBABILITIES, axis=1).T
        place = places[bool(found.history_days[0] < YOUNG_DAYS)][0, 1:]
        total = np.take_along_axis(months, place, axis=1).sum(axis=0)
        out[k, 12] = np.quantile(total, spread.PROBABILITIES)
    return out


def left_out(outlooks: list[tuple[Outlook, np.ndarray]], errors: Errors) -> np.ndarray:
    out = np.empty((len(outlooks), 13, 5))
    shipped = spread.SHOCKS, spread.SHOCKS_WITH_SEASON
    for source in np.unique(errors.source):
        at = np.flatnonzero(errors.source == source)
        spread.SHOCKS, spread.SHOCKS_WITH_SEASON = errors.tables(left_out=source)
        out[at] = ranges([outlooks[k] for k in at])
    spread.SHOCKS, spread.SHOCKS_WITH_SEASON = shipped
    return out


def table(chosen: list[Window], shipped: np.ndarray, others: np.ndarray) -> pd.DataFrame:
    source = np.array([w.source for w in chosen])
    age = np.array([w.age for w in chosen])
    actual = np.array([[*w.actual[1:], w.total] for w in chosen])
    days = np.array([np.diff(boundaries(w.start, w.end)[1:]) for w in chosen])
    days = np.array([[d.days for d in row] for row in days], dtype=float)
    days = np.column_stack([days, days.sum(axis=1)])
    flat = np.array([w.flat for w in chosen])[:, None] * days
    year = np.array([w.year for w in chosen]) / 365 * days[:, -1]
    same = np.array([w.same_month[1:] for w in chosen]) * days[:, :-1]
    rows = []
    for one in (*AGES, WHOLE):
        at = age == one
        if not at.any():
            continue
        weight = weights(source[at])
        for name, k in [*((f"month {m}", m - 1) for m in MONTHS), ("twelve months", 12)]:
            truth = actual[at, k]
            row = {"age": f"{one}+" if one == WHOLE else one, "period": name}
            row |= {"windows": int(at.sum()), "sources": len(np.unique(source[at]))}
            for label, found in (("shipped", shipped), ("left out", others)):
                q = found[at, k]
                for percent, low, high in ((80, 1, 3), (95, 0, 4)):
                    inside = (truth >= q[:, low]) & (truth <= q[:, high])
                    row[f"{percent}% {label}"] = 100 * np.average(inside, weights=weight)
            row["width 80%"] = 100 * _median((shipped[at, k, 3] - shipped[at, k, 1]), truth, weight)
            row["error %"] = _mdape(shipped[at, k, 2], truth, weight)
            row["to 28 days"] = row["error %"] / _mdape(flat[at, k], truth, weight)
            rival = year if k == 12 else same[:, k]
            has = at & np.isfinite(rival)
            if has.sum() > 20:
                came, of_has = actual[has, k], weights(source[has])
                ours, theirs = shipped[has, k, 2], rival[has]
                row["to last year"] = _mdape(ours, came, of_has) / _mdape(theirs, came, of_has)
            rows.append(row)
    return pd.DataFrame(rows)


def by_source(chosen: list[Window], others: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"source": [w.source for w in chosen]})
    actual = np.array([[*w.actual[1:], w.total] for w in chosen])
    for percent, low, high in ((80, 1, 3), (95, 0, 4)):
        inside = 100.0 * ((actual >= others[:, :, low]) & (actual <= others[:, :, high]))
        frame[f"{percent}% months"] = inside[:, :12].mean(axis=1)
        frame[f"{percent}% twelve"] = inside[:, 12]
    return frame.groupby("source").mean().assign(windows=frame.groupby("source").size())


def together(chosen: list[Window]) -> pd.DataFrame:
    """Coverage of the sum of ``GROUP`` series of one source, each in multiples of its level, as
    simulated together, and with the draws of each shuffled."""
    groups: dict[tuple[str, date, int], list[Window]] = {}
    for window in chosen:
        if window.age in (80, 320, WHOLE) and window.flat > 0:
            groups.setdefault((window.source, window.last_day, window.age), []).append(window)
    rng = np.random.default_rng(3)
    rows = []
    for (source, last_day, age), group in groups.items():
        if len(group) < GROUP:
            continue
        some = [group[k] for k in rng.permutation(len(group))[:GROUP]]
        width = max(len(w.values) for w in some)
        values = np.full((GROUP, width), np.nan)
        for k, one in enumerate(some):
            values[k, width - len(one.values) :] = one.values / one.flat
        found = simulate(
            values,
            last_day=last_day,
            period_start=some[0].start,
            period_end=some[0].end,
            draws=DRAWS,
            seed=1,
        ).totals
        actual = np.sum([one.actual / one.flat for one in some], axis=0)
        alone = np.stack([rng.permutation(found[:, k]) for k in range(GROUP)])
        row = {"source": source, "age": age}
        for label, sums in (("shared", found.sum(axis=1)), ("shuffled", alone.sum(axis=0))):
            for name, simulated, truth in (
                ("month 3", sums[:, 3], actual[3]),
                ("twelve months", sums[:, 1:].sum(axis=1), actual[1:].sum()),
            ):
                low, high = np.quantile(simulated, [0.1, 0.9])
                row[f"{name}, {label}"] = 100.0 * (low <= truth <= high)
        rows.append(row)
    frame = pd.DataFrame(rows)
    by_source = frame.drop(columns="age").groupby("source").mean()
    return by_source.assign(groups=frame.groupby("source").size()).reset_index()


def with_trend(chosen: list[Window], shipped: np.ndarray) -> pd.DataFrame:
    """Error of the median when the slope of the last six times four weeks is carried on, damped by
    0.85 a month, over the error without; by how much of the slope."""
    some = [k for k, w in enumerate(chosen) if w.age >= TREND_DAYS and _blocks(w).min() > 0]
    logs = np.log([_blocks(chosen[k]) for k in some])
    at = np.arange(logs.shape[1]) - (logs.shape[1] - 1) / 2
    slope = logs @ at / (at @ at)
    weight = weights(np.array([chosen[k].source for k in some]))
    rows = []
    for share in (0.1, 0.25, 0.5, 1.0):
        row: dict[str, object] = {"share of the slope": f"{share:.0%}"}
        for month in MONTHS:
            truth = np.array([chosen[k].actual[month] for k in some])
            found = shipped[some, month - 1, 2]
            damped = np.sum(0.85 ** np.arange(1, month + 1))
            moved = found * np.exp(share * slope * damped)
            error = _mdape(moved, truth, weight) / _mdape(found, truth, weight)
            row[f"to none, month {month}"] = error
        rows.append(row)
    return pd.DataFrame(rows)


def after_steps(chosen: list[Stepped]) -> pd.DataFrame:
    """Windows with a clear step some days before their end: error of the median and coverage, as
    shipped and, after a stroke, without a thought of steps."""
    windows = [one.window for one in chosen]
    source = np.array([w.source for w in windows])
    kind, lasted = np.array([one.kind for one in chosen]), np.array([one.lasted for one in chosen])
    actual = np.array([[*w.actual[1:], w.total] for w in windows])
    both = [ranges([coming(w, steps) for w in windows]) for steps in (None, none(1))]
    rows = []
    for name, (low, high) in product(KINDS, LASTED):
        at = (kind == name) & (lasted >= low) & (lasted <= high)
        if not at.any():
            continue
        weight = weights(source[at])
        row: dict[str, object] = {"step": name, "days ago": f"{low} to {high}"}
        row |= {"windows": int(at.sum()), "sources": len(np.unique(source[at]))}
        for label, k in (("month 1", 0), ("month 3", 2), ("twelve", 12)):
            truth = actual[at, k]
            error = [_mdape(q[at, k, 2], truth, weight) for q in both]
            row[f"error %, {label}"] = " / ".join(f"{one:.0f}" for one in error)
            for percent, first, last in ((80, 1, 3), (95, 0, 4)):
                inside = [(truth >= q[at, k, first]) & (truth <= q[at, k, last]) for q in both]
                shares = [100 * np.average(one, weights=weight) for one in inside]
                row[f"{percent}%, {label}"] = " / ".join(f"{one:.0f}" for one in shares)
        rows.append(row)
    return pd.DataFrame(rows)


def _blocks(window: Window) -> np.ndarray:
    last = np.nan_to_num(window.values[-TREND_DAYS:])
    return last.reshape(-1, 28).mean(axis=1)


def _median(values: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    return quantile(values / np.maximum(truth, 1e-9), weight, 0.5)


def _mdape(found: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    return 100 * quantile(np.abs(found / np.maximum(truth, 1e-9) - 1), weight, 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", help="a pickle of series.py --save")
    parser.add_argument("--most", type=int, default=12, help="forecast days by series, at most")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--publish", type=Path, help="a page with markers to put the tables in")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    frame = pd.read_pickle(asked.series) if asked.series else real.load()
    chosen = list(windows(frame, asked.most))
    outlooks = [coming(window) for window in chosen]
    errors = errors_of(chosen, outlooks)
    if asked.calibrate:
        shocks, with_season = errors.tables()
        print("SHOCKS =", shocks.tolist())
        print("SHOCKS_WITH_SEASON =", with_season.tolist())
        return
    others = left_out(outlooks, errors)
    shipped = ranges(outlooks)
    found = table(chosen, shipped, others)
    sources = by_source(chosen, others).reset_index()
    ours, by_hand = speed()
    tables = {
        "periods": found,
        "sources": sources,
        "sums": together(chosen),
        "steps": after_steps([*stepped(frame), *planted(chosen)]),
        "trend": with_trend(chosen, shipped),
        "wandering": wandering(),
    }
    timed = (
        f"10,000 draws of 13 periods of 10 series took {ours:.2f} s of one core, "
        f"{ours / by_hand:.1f} times what drawing and exponentiating as many normal numbers takes."
    )
    for name, one in tables.items():
        print(_markdown(one) if asked.markdown else one.round(2).to_string(index=False))
        print()
        if asked.publish:
            publish.between(asked.publish, name, _markdown(one))
    print(timed)
    if asked.publish:
        publish.between(asked.publish, "speed", timed)


def _markdown(frame: pd.DataFrame) -> str:
    def cell(name: str, value: object) -> str:
        if not isinstance(value, float):
            return str(value)
        return (
            "" if np.isnan(value) else f"{value:.2f}" if name.startswith("to ") else f"{value:.0f}"
        )

    lines = ["| " + " | ".join(frame.columns) + " |", "|---" * len(frame.columns) + "|"]
    for row in frame.itertuples(index=False):
        cells = (cell(name, value) for name, value in zip(frame.columns, row, strict=True))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
