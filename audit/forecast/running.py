"""The running billing period of an account's series: what was counted, and the rest's range."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from audit.forecast.cleaning import WEEK, Floats, Truths
from audit.forecast.daily import Daily
from audit.forecast.intervals import shock
from audit.forecast.method import Fit
from audit.forecast.totals import MEASURED_PERIOD_DAYS, fitted_table

#: Days the level is looked for when the period has no days left.
USUAL_DAYS = 30


@dataclass(frozen=True)
class Running:
    """``so_far``: units counted; ``rest``: expected units of the days to come and of unknown
    ones in the period, at the level; ``unknown_days`` of the ``period_days``; ``fitted``: the
    fit of the days to come."""

    so_far: Floats
    rest: Floats
    unknown_days: Floats
    period_days: int
    fitted: Fit
    elapsed_days: float

    def totals(self, levels: Floats) -> Floats:
        """Units in the period at ``levels`` of chance: series x levels, as in period_totals."""
        spread = np.exp(self.fitted.scale[:, None] * shock(levels, self.elapsed_days)[None])
        return np.asarray(self.so_far[:, None] + self.rest[:, None] * spread)


def running(
    values: Floats, *, last_day: date, start: date, end: date, changed_on: date | None
) -> Running:
    """The period from ``start`` to before ``end``; ``last_day`` is the last column's."""
    known = np.isfinite(values)
    width = values.shape[1]
    first = np.where(known.any(axis=1), np.argmax(known, axis=1), width)
    left = (end - last_day).days - 1
    table = Daily(
        series=list(range(len(values))),
        values=values,
        first=first,
        zeros_left_out=np.zeros(len(values), dtype=np.bool_),
        last_day=last_day,
    )
    fitted = fitted_table(table, left or USUAL_DAYS, changed_on)
    past = min(max((last_day - start).days + 1, 0), width)
    inside = values[:, width - past :]
    begun = np.arange(width - past, width)[None] >= first[:, None]
    unknown = np.isnan(inside) & begun & (left > 0)
    days = _by_weekday(unknown, last_day)
    for ahead in range(left):
        days[:, (last_day + timedelta(days=1 + ahead)).weekday()] += 1
    return Running(
        so_far=np.nansum(inside, axis=1),
        rest=fitted.level * np.einsum("sd,sd->s", days, fitted.factors),
        unknown_days=unknown.sum(axis=1).astype(np.float64),
        period_days=(end - start).days,
        fitted=fitted,
        elapsed_days=float(MEASURED_PERIOD_DAYS - left),
    )


def _by_weekday(chosen: Truths, last_day: date) -> Floats:
    weekday = (last_day.weekday() - np.arange(chosen.shape[1])[::-1]) % WEEK
    return np.stack([chosen[:, weekday == d].sum(axis=1) for d in range(WEEK)], axis=1) * 1.0
