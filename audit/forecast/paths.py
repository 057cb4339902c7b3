"""Simulated billing periods of all meters of an account, in worlds the meters share.

The running period has the distribution of ``period_totals``; the twelve after it follow
``growth`` and ``spread``; ``draws`` and ``correlation`` say what goes with what. docs/paths.md
has it in words, with the measured coverage.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from audit.errors import InputError
from audit.forecast import correlation
from audit.forecast.cleaning import Floats
from audit.forecast.draws import levels, ranks
from audit.forecast.growth import Outlook, outlook
from audit.forecast.inputs import checked, checked_monthly
from audit.forecast.method import HISTORY_DAYS
from audit.forecast.months import FOLLOWING, boundaries, boundaries_before, weekdays
from audit.forecast.notes import YOUNG_DAYS, notes
from audit.forecast.past import past, rescaled_before, stopped_days
from audit.forecast.running import Running, running

#: Correlation of the chances of the rest of the running period with those of the month after.
FIRST_MONTH_CORRELATION = 0.36

#: Correlation of the chances of two months: a part that stays, and a rest that fades by month;
#: and the same for series of few days, of which little but the level can be wrong.
LASTING_CORRELATION, MONTHLY_CORRELATION = 0.25, 0.78
YOUNG_LASTING_CORRELATION, YOUNG_MONTHLY_CORRELATION = 0.6, 0.92

#: With fewer known days the months are so much wider; but their scale is at most the last one, as
#: what is wider covers too much (docs/paths.md has it), and its mean says nothing.
TOO_FEW_DAYS = 7
VERY_YOUNG = 1.5
LARGEST_YOUNG_SCALE = 0.28

#: The scale of the next days of a series of which no day of late is known.
SCALE_BY_MONTHS = 0.3


@dataclass(frozen=True)
class Paths:
    """Totals of the running and the twelve following billing periods in every draw.

    ``totals``: draws x series x 13 periods, units, real numbers (rounding is the caller's),
    finite and never negative. ``boundaries``: 14 first days: period k goes from day k to before
    day k + 1. ``so_far``: units counted in the running period; ``level``: units per ordinary
    day; ``if_it_stays``: where the last days are far from what was usual, the running total with
    them as the new usual, else NaN; ``notes``: what is to be said of each series, empty where
    nothing is.
    """

    series: tuple[str, ...]
    boundaries: tuple[date, ...]
    totals: Floats
    so_far: Floats
    level: Floats
    if_it_stays: Floats
    notes: tuple[str, ...]

    def month(self, h: int) -> Floats:
        """Totals of one period, draws x series: 0 the running one, 1 to 12 those after it."""
        if not 0 <= h <= FOLLOWING:
            raise InputError(f"No billing period {h}: 0 is the running one, 12 the last.")
        return self.totals[:, :, h]


def simulate(
    values: Floats,
    *,
    last_day: date,
    period_start: date,
    period_end: date,
    draws: int,
    seed: int,
    monthly: Floats | None = None,
    changed_on: date | None = None,
    series: Sequence[str] | None = None,
) -> Paths:
    """The billing periods of an account's meters as ``draws`` worlds they share.

    ``values``: series x days, units a day, the newest (``last_day``) last, NaN = not known.
    ``monthly``: series x months, totals of past billing periods, the last of them the one before
    ``period_start``, NaN = not known; read where days are not known. ``changed_on``: usage is of
    a new kind from this day on, and stays so. ``series``: names for messages and ``Paths``.

    The same input gives the same paths; the first k series are the same whatever series follow,
    but for those of fewer than 14 days, which lean on the others.

    Raises:
        InputError: no series, no draws, a series of which nothing is known, a negative or
            infinite quantity, a period that ends before it begins or does not hold the day after
            ``last_day``.
    """
    cuts = boundaries(period_start, period_end)
    names, array = checked(
        values,
        series,
        last_day=last_day,
        start=period_start,
        end=period_end,
        draws=draws,
        seed=seed,
    )
    now = running(
        array, last_day=last_day, start=period_start, end=period_end, changed_on=changed_on
    )
    months = None
    if monthly is not None and np.size(monthly):
        totals_before = checked_monthly(monthly, names)
        months = _levels_of_months(
            totals_before, now.fitted.factors, last_day, period_start, period_end
        )
    following = list(pairwise(cuts[1:]))
    seen = past(
        rescaled_before(array, changed_on, last_day),
        now.fitted.factors,
        last_day=last_day,
        periods=following,
        monthly=months,
    )
    lead = [(first - last_day).days + (end - first).days / 2 for first, end in following]
    now = _without_days(now, array, _latest(seen.blocks, months), names)
    level = now.fitted.level[:, None]
    seen = replace(
        seen,
        blocks=_from(level, seen.blocks),
        steady=_from(level, seen.steady),
    )
    stopped = stopped_days(array)
    coming = _widened(outlook(seen, np.array(lead), now.fitted.scale), now)

    chance = levels(draws)
    ordinary = np.stack([weekdays(*one) for one in following]) @ now.fitted.factors.T
    sorted_totals = np.empty((len(names), 1 + FOLLOWING, draws))
    sorted_totals[:, 0] = now.totals(chance)
    sorted_totals[:, 1:] = coming.per_day(chance) * ordinary.T[:, :, None]
    sorted_totals[stopped > 0, 1:] = 0.0
    residuals = correlation.residuals(array, now.fitted.factors, last_day.weekday())
    across = correlation.between_series(residuals)
    places = ranks(draws, seed, across, between_periods(seen.days))
    totals = np.take_along_axis(sorted_totals, places, axis=-1)
    return Paths(
        series=names,
        boundaries=cuts,
        totals=np.ascontiguousarray(totals.transpose(2, 0, 1)),
        so_far=now.so_far,
        level=now.fitted.level,
        if_it_stays=_if_it_stays(now),
        notes=notes(
            now,
            coming,
            seen,
            stopped,
            known=np.isfinite(array),
            last_day=last_day,
            changed_on=changed_on,
        ),
    )


def _if_it_stays(now: Running) -> Floats:
    fitted = now.fitted
    ratio = np.ones_like(fitted.level)
    np.divide(fitted.level_if_it_stays, fitted.level, out=ratio, where=fitted.level > 0)
    return np.where(fitted.jumped, now.so_far + now.rest * ratio, np.nan)


def between_periods(history_days: Floats) -> Floats:
    """Correlation of the chances of the 13 periods of each series, the running one first."""
    old = _fading(LASTING_CORRELATION, MONTHLY_CORRELATION)
    young = _fading(YOUNG_LASTING_CORRELATION, YOUNG_MONTHLY_CORRELATION)
    return np.where((history_days < YOUNG_DAYS)[:, None, None], young, old)


def _fading(lasting: float, monthly: float) -> Floats:
    apart = np.abs(np.subtract.outer(np.arange(FOLLOWING), np.arange(FOLLOWING)))
    found = np.eye(1 + FOLLOWING)
    found[1:, 1:] = lasting + (1 - lasting) * monthly**apart
    found[0, 1:] = found[1:, 0] = FIRST_MONTH_CORRELATION * found[1, 1:]
    return found


def _levels_of_months(
    monthly: Floats, factors: Floats, last_day: date, period_start: date, period_end: date
) -> tuple[Floats, Floats]:
    """Middles in days before ``last_day``, and units per ordinary day, of past months."""
    cuts = boundaries_before(period_start, period_end, monthly.shape[1])
    spans = list(pairwise(cuts))
    middles = [(last_day - end).days + 1 + (end - first).days / 2 for first, end in spans]
    ordinary = np.stack([weekdays(*span) for span in spans]) @ factors.T
    return np.array(middles), monthly / ordinary.T


def _latest(blocks: Floats, months: tuple[Floats, Floats] | None) -> Floats:
    """The level that was known last, NaN for none."""
    both = blocks if months is None else np.hstack([blocks, months[1][:, ::-1]])
    known = np.isfinite(both)
    first = np.argmax(known, axis=1)
    return np.where(known.any(axis=1), both[np.arange(len(both)), first], np.nan)


def _without_days(now: Running, values: Floats, latest: Floats, names: tuple[str, ...]) -> Running:
    """Series without a known day of the last 180 run at the level that was known last."""
    empty = ~np.isfinite(values[:, -HISTORY_DAYS:]).any(axis=1)
    missing = empty & np.isnan(latest)
    if missing.any():
        raise InputError(
            f"Nothing is known of {names[int(np.argmax(missing))]!r}: no day of the last "
            f"{HISTORY_DAYS} and no month. Leave it out, or give its usage: unknown is not 0."
        )
    fitted = now.fitted
    level = np.where(empty, np.nan_to_num(latest), fitted.level)
    return replace(
        now,
        fitted=replace(
            fitted,
            level=level,
            level_if_it_stays=np.where(empty, level, fitted.level_if_it_stays),
            scale=np.where(empty, SCALE_BY_MONTHS, fitted.scale),
        ),
        rest=np.where(empty, level * now.period_days, now.rest),
    )


def _from(level: Floats, blocks: Floats) -> Floats:
    """``blocks`` that begin with ``level`` where the newest one is not known."""
    newest = np.where(np.isnan(blocks[:, :1]), level, blocks[:, :1])
    return np.hstack([newest, blocks[:, 1:]])


def _widened(coming: Outlook, now: Running) -> Outlook:
    few = now.fitted.days_known < TOO_FEW_DAYS
    wider = np.minimum(VERY_YOUNG * coming.scale, LARGEST_YOUNG_SCALE)
    return replace(coming, scale=np.where(few, wider, coming.scale))
