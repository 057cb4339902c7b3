"""How usage moves in time, and how large a project is."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from corpus.customer import Customer
from corpus.units import COUNTERS, DECIDE, LOCAL, WINDOW

Floats = npt.NDArray[np.float64]
#: Days of history that spikes, steps and baselines are judged on.
LONG = 125

COUNTERS_OF = {
    product: (counter, DECIDE, LOCAL) if product == "feature_flags" else (counter,)
    for product, counter in COUNTERS.items()
}


#: What goes up and down with visits to the product.
VISITS = (
    "sessions",
    "people",
    "web_events",
    "proxied_web_events",
    "bot_events",
    "behaviour_events",
    "behaviour_people",
    "group_events",
)


def reshape(one: Customer, products: Iterable[str], factor: Floats) -> None:
    """Every day's usage of the products times ``factor`` (oldest day first), in all projects."""
    for product in products:
        before = {p: one.billed(p, product) for p in one.projects}
        for counter in COUNTERS_OF[product]:
            for at in [at for at in one.daily if at[1] == counter]:
                one.daily[at] = np.rint(one.daily[at] * factor).astype(np.int64)
        scales = {p: one.billed(p, product) / n for p, n in before.items() if n}
        for row in [r for r in one.rows if r.meter == product and r.project in scales]:
            one.rows[row] = round(one.rows[row] * scales[row.project])
        if product == "product_analytics":
            # More events are more visits, not more events in each.
            for project, scale in scales.items():
                _scale_activity(one, project, scale, VISITS)
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
    """The project is as it was, with so many events and all else in proportion."""
    scale = events / one.total(project)
    for row in [r for r in one.rows if r.project == project]:
        one.rows[row] = round(one.rows[row] * scale)
    for at in [at for at in one.daily if at[0] == project]:
        one.daily[at] = np.rint(one.daily[at] * scale).astype(np.int64)
    measures = {measure for _, measure in one.activity}
    of_members = {m for m in measures if m.startswith("people_using_") or m.endswith("_queries")}
    _scale_activity(one, project, scale, measures - of_members)


def _scale_activity(one: Customer, project: str, scale: float, measures: Iterable[str]) -> None:
    for measure in measures:
        value = one.activity.get((project, measure))
        if value is not None:
            least = min(value, 1) if measure in ("people", "sessions", "behaviour_people") else 0
            one.activity[project, measure] = max(round(value * scale), least)
