"""How usage moves in time, and how large a project is."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.customer import (
    COUNTERS,
    DECIDE,
    EVENT_METERS,
    LOCAL,
    WINDOW,
    Customer,
)

Floats = npt.NDArray[np.float64]
#: Days of history that spikes, steps and baselines are judged on.
LONG = 125

COUNTERS_OF = {
    product: (counter, DECIDE, LOCAL) if product == "feature_flags" else (counter,)
    for product, counter in COUNTERS.items()
}


def reshape(one: Customer, products: Iterable[str], factor: Floats) -> None:
    """Every day's usage of the products times ``factor`` (oldest day first), in all projects."""
    for product in products:
        before = {p: one.billed(p, product) for p in one.projects}
        for counter in COUNTERS_OF[product]:
            for at in [at for at in one.daily if at[1] == counter]:
                one.daily[at] = np.rint(one.daily[at] * factor).astype(np.int64)
        for row in [r for r in one.rows if r.meter == product]:
            if before[row.project]:
                scale = one.billed(row.project, product) / before[row.project]
                one.rows[row] = round(one.rows[row] * scale)
    one.kept_days = LONG


def used(one: Customer) -> list[str]:
    return [p for p in COUNTERS if one.quantities().get(p)]


def grow(one: Customer, monthly: float) -> None:
    """All usage has grown by this share every 30 days; the last 30 days stay what they are."""
    age = np.arange(one.days, 0, -1)
    raw = (1 + monthly) ** (-age / WINDOW)
    for at, series in one.daily.items():
        kept = series[-WINDOW:].sum()
        moved = series * raw
        if moved[-WINDOW:].sum():
            moved *= kept / moved[-WINDOW:].sum()
        one.daily[at] = np.rint(moved).astype(np.int64)
    one.kept_days = LONG


def resize(one: Customer, project: str, events: float) -> None:
    """The project is as it was, with so many events."""
    scale = events / one.total(project)
    for row in [r for r in one.rows if r.project == project and r.meter in EVENT_METERS]:
        one.rows[row] = round(one.rows[row] * scale)
    for product in EVENT_METERS:
        at = (project, COUNTERS[product])
        if at in one.daily:
            one.daily[at] = np.rint(one.daily[at] * scale).astype(np.int64)
    for measure in (
        "web_events",
        "proxied_web_events",
        "bot_events",
        "behaviour_events",
        "behaviour_people",
        "group_events",
        "people",
        "sessions",
    ):
        value: Any = one.activity.get((project, measure))
        if value is not None:
            one.activity[project, measure] = max(round(value * scale), min(value, 1))
