"""Simulated months on levels that wander without return, and the time that simulating takes."""

import time
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from path_windows import AHEAD_DAYS

from audit.forecast import spread
from audit.forecast.months import boundaries
from audit.forecast.paths import simulate

DRAWS = 500
#: Simulated series of which truth is known.
WALKS = 200


def wandering() -> pd.DataFrame:
    """Coverage on simulated levels that never come back: a random walk of the logarithm."""
    last_day, start, end = date(2026, 3, 15), date(2026, 3, 1), date(2026, 4, 1)
    rng = np.random.default_rng(11)
    cuts = [(cut - last_day).days - 1 for cut in boundaries(start, end)]
    rows = []
    for days in (40, 90, 200, 350, 760):
        for monthly in (0.05, 0.15):
            steps = monthly / np.sqrt(30) * rng.standard_normal((WALKS, days + AHEAD_DAYS))
            noise = 0.1 * rng.standard_normal(steps.shape)
            units = 1000 * np.exp(np.cumsum(steps, axis=1) + noise)
            found = simulate(
                units[:, :days],
                last_day=last_day,
                period_start=start,
                period_end=end,
                draws=DRAWS,
                seed=1,
            ).totals
            came = units[:, days:]
            actual = [came[:, max(a, 0) : b].sum(axis=1) for a, b in pairwise(cuts)]
            row: dict[str, object] = {"days known": days, "monthly deviation": f"{monthly:.0%}"}
            for name, simulated, truth in (
                *((f"month {m}", found[:, :, m], actual[m]) for m in (1, 6, 12)),
                ("twelve months", found[:, :, 1:].sum(axis=2), np.sum(actual[1:], axis=0)),
            ):
                q = np.quantile(simulated, spread.PROBABILITIES, axis=0)
                inside = 100 * np.mean((truth >= q[1]) & (truth <= q[3]))
                wide = 100 * np.mean((truth >= q[0]) & (truth <= q[4]))
                row[f"{name}, 80%"], row[f"{name}, 95%"] = float(inside), float(wide)
            rows.append(row)
    return pd.DataFrame(rows)


def speed() -> tuple[float, float]:
    """CPU seconds of 10,000 draws x 13 periods x 10 series of 800 days; of the same by hand: one
    normal number for each."""
    rng = np.random.default_rng(1)
    values = 1000 * np.exp(0.1 * rng.standard_normal((10, 800)))
    period = {"period_start": date(2026, 3, 1), "period_end": date(2026, 4, 1)}
    best = []
    for _ in range(5):
        begun = time.process_time()
        simulate(values, last_day=date(2026, 3, 10), **period, draws=10_000, seed=1)
        ours = time.process_time() - begun
        begun = time.process_time()
        np.exp(np.cumsum(rng.standard_normal((10_000, 10, 13)), axis=2))
        best.append((ours, time.process_time() - begun))
    return min(one for one, _ in best), min(other for _, other in best)
