"""Months after a clear step of the level, in real daily series: real steps and planted ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import series as real
from path_windows import AHEAD_DAYS, WHOLE, Window, cut

from audit.forecast.cleaning import WEEK, weekday_factors
from audit.forecast.steps import clear_steps

STEP_DAYS = 9
LAST_AGES = (160, WHOLE)
LASTED = ((7, 13), (14, 27), (28, 60))
PLANTED_AGES = (8, 14, 20, 31, 50)
PLANTED = (3.0, 1.5, 1 / 1.5, 1 / 3.0)
KINDS = ("rise", "fall", "planted rise", "planted fall")
MOST_PLANTED = 400


@dataclass(frozen=True)
class Stepped:
    """``lasted``: days of the step; ``kind``: a real rise or fall, or planted ones."""

    window: Window
    lasted: int
    kind: str


def stepped(frame: pd.DataFrame) -> Iterator[Stepped]:
    """A real step counts once for each range of days lasted and age."""
    for source, end, days in real.arrays(frame).values():
        seen: set[tuple[int, int, int]] = set()
        for origin in range(len(days) - AHEAD_DAYS, min(LAST_AGES) - 1, -STEP_DAYS):
            last_day = (end - pd.Timedelta(days=len(days) - origin)).date()
            for window in cut(source, days, origin, last_day, LAST_AGES):
                values = window.values[None]
                weekdays = (last_day.weekday() - np.arange(values.shape[1])[::-1]) % WEEK
                factors = weekday_factors(values[:, -180:].T, weekdays[-180:]).T
                found = clear_steps(values, factors, last_day)
                lasted = int(found.days[0])
                of = next((k for k, (low, high) in enumerate(LASTED) if low <= lasted <= high), -1)
                key = (window.age, of, (origin - lasted) // 14)
                if of >= 0 and key not in seen:
                    seen.add(key)
                    yield Stepped(window, lasted, "rise" if found.step[0] > 0 else "fall")


def planted(chosen: list[Window]) -> Iterator[Stepped]:
    """Steps that stay, put into windows in turn: every day from one on, known or to come, is so
    many times as large."""
    rng = np.random.default_rng(13)
    some = [w for w in chosen if w.age in LAST_AGES]
    for k in rng.permutation(len(some))[:MOST_PLANTED]:
        window = some[k]
        lasted = PLANTED_AGES[k % len(PLANTED_AGES)]
        factor = PLANTED[k % len(PLANTED)]
        values = window.values.copy()
        values[-lasted:] *= factor
        kind = "planted rise" if factor > 1 else "planted fall"
        yield Stepped(replace(window, values=values, actual=window.actual * factor), lasted, kind)
