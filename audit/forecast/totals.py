"""Units in a billing period that is running: what was counted, and what the rest will add."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from audit.errors import InputError
from audit.forecast.cleaning import WEEK, Floats, Truths
from audit.forecast.daily import Daily, daily
from audit.forecast.intervals import shock
from audit.forecast.method import HISTORY_DAYS, Fit, Portfolio, fit

#: A billing period is no longer than a leap year.
LONGEST_PERIOD_DAYS = 366

#: The days of the period that the intervals were measured on.
MEASURED_PERIOD_DAYS = 30

#: Fewer days than these: the weekdays and the spread of the other series; no real forecast.
FEW_DAYS = 14
TOO_FEW_DAYS = 7

#: Days that a series needs to lend its weekdays and its spread to the young ones.
LENDING_DAYS = 28

#: Unknown days at the end after which a range says too little.
STALE_DAYS = 7

RANGE = {"p025": 0.025, "p10": 0.10, "p90": 0.90, "p975": 0.975}

#: Equally likely shocks that the mean is taken over.
MEAN_SHOCKS = (np.arange(100) + 0.5) / 100

COLUMNS = (
    *("series", "so_far", "mean", "p10", "p50", "p90", "p025", "p975"),
    *("if_it_passes", "if_it_stays", "interval_is_valid", "method", "note"),
)


@dataclass(frozen=True)
class _Period:
    start: date
    end: date
    as_of: date

    @property
    def remaining_days(self) -> int:
        """Days of the period from ``as_of`` on."""
        return max((self.end - max(self.start, self.as_of)).days, 0)

    @property
    def horizon_days(self) -> int:
        """Days from ``as_of`` to the end of the period."""
        return max((self.end - self.as_of).days, 0)


def period_totals(
    history: pd.DataFrame,
    period_start: date | str,
    period_end: date | str,
    as_of: date | str,
    *,
    changed_on: date | str | None = None,
) -> pd.DataFrame:
    """Units of each series over the days from ``period_start`` to before ``period_end``.

    ``history``: one row per (series, day), any order: series (or unique_id, series_id, meter, id,
    name), day (or date, ds, timestamp), quantity (or value, y, usage, units, count). ``as_of``:
    the days before it are known, rows from it on are ignored. Days without a row or a quantity
    are unknown, never 0, unless a series never has a 0 and lacks so many days, of such a kind,
    that its empty days must have been left out; ``note`` says which. ``changed_on``: from this
    day on usage is known to be of a new kind, so that a jump stays.

    One row per series, sorted: series; so_far, units counted in the period; mean, p50 and the
    ends of the 80% (p10, p90) and 95% (p025, p975) ranges of the period's total; if_it_passes
    and if_it_stays, the total when a jump of the last days ends or goes on, equal where nothing
    jumped; interval_is_valid; method; note, in words. Nothing is ever NaN.

    Raises: InputError for a period without days or over a year, or rows that cannot be read.
    """
    period = _Period(
        _date(period_start, "period_start"), _date(period_end, "period_end"), _date(as_of, "as_of")
    )
    length = (period.end - period.start).days
    if not 0 < length <= LONGEST_PERIOD_DAYS:
        raise InputError(
            f"A period has 1 to {LONGEST_PERIOD_DAYS} days, got {length} from {period.start} to "
            f"before {period.end}. period_end is the day after the last one."
        )
    changed = None if changed_on is None else _date(changed_on, "changed_on")
    if isinstance(history, pd.DataFrame) and history.empty:
        return _frame([], {name: np.array([]) for name in COLUMNS[1:]})
    # What came after a period that has ended says nothing about it.
    period = replace(period, as_of=min(period.as_of, period.end))
    since = min(period.start, period.as_of - timedelta(days=HISTORY_DAYS))
    table = daily(history, as_of=period.as_of, first_day=since)
    return _totals(table, period, changed)


def _totals(table: Daily, period: _Period, changed: date | None) -> pd.DataFrame:
    inside = _inside(table, period)
    so_far = np.nansum(inside, axis=1)
    unknown = np.isnan(inside) & _begun(table, period)
    if period.horizon_days == 0:
        return _ended(table, so_far, unknown)
    found = fitted_table(table, period.horizon_days, changed)
    days = _days_missing(unknown, period)
    share = np.einsum("sd,sd->s", days, found.factors)
    rest, stays = found.level * share, found.level_if_it_stays * share
    elapsed = MEASURED_PERIOD_DAYS - period.horizon_days
    middle = so_far + rest
    columns: dict[str, Any] = {
        "so_far": so_far,
        "mean": so_far + rest * _mean_factor(found.scale, elapsed),
        "p50": middle,
        "if_it_passes": middle,
        "if_it_stays": so_far + stays,
    }
    for name, probability in RANGE.items():
        columns[name] = so_far + rest * np.exp(found.scale * shock(probability, elapsed))
    columns |= _said(table, found, unknown)
    return _frame(table.series, columns)


def _inside(table: Daily, period: _Period) -> Floats:
    """The columns of the period that are past."""
    if period.as_of <= period.start:
        return np.zeros((len(table.series), 0))
    return table.from_day(period.start)


def _begun(table: Daily, period: _Period) -> Truths:
    """Same shape: from the first row of each series on."""
    width = table.values.shape[1]
    begun = np.arange(width)[None] >= table.first[:, None]
    return np.asarray(_inside(replace(table, values=begun.astype(np.float64)), period) > 0)


def _days_missing(unknown: Truths, period: _Period) -> Floats:
    """Days still to be expected by weekday, (series, 7): those to come and those unknown."""
    first = max(period.start, period.as_of)
    coming = (first.weekday() + np.arange(period.remaining_days)) % WEEK
    counts = np.tile(np.bincount(coming, minlength=WEEK).astype(np.float64), (len(unknown), 1))
    last_inside = period.as_of - timedelta(days=1)
    past = (last_inside.weekday() - np.arange(unknown.shape[1])[::-1]) % WEEK
    for weekday in range(WEEK):
        counts[:, weekday] += unknown[:, past == weekday].sum(axis=1)
    return counts


def fitted_table(table: Daily, horizon_days: int, changed: date | None) -> Fit:
    """The fit; series of fewer than 14 days lean on the weekdays and spread of the others, if
    there are others that are old enough."""
    found = fit(
        table.values, last_day=table.last_day, horizon_days=horizon_days, changed_on=changed
    )
    young = np.flatnonzero(found.days_known < FEW_DAYS)
    lending = _lending(found)
    if len(young) == 0 or not lending.any():
        return found
    portfolio = Portfolio(
        factors=found.factors[lending].mean(axis=0),
        error=float(np.median(found.scale[lending])),
    )
    again = fit(
        table.values[young],
        last_day=table.last_day,
        horizon_days=horizon_days,
        changed_on=changed,
        portfolio=portfolio,
    )
    merged = {}
    for name in (field.name for field in fields(Fit)):
        column = getattr(found, name).copy()
        column[young] = getattr(again, name)
        merged[name] = column
    return Fit(**merged)


def _lending(found: Fit) -> Truths:
    return (found.days_known >= LENDING_DAYS) & (found.level > 0)


def _mean_factor(scale: Floats, elapsed: float) -> Floats:
    return np.exp(scale[:, None] * shock(MEAN_SHOCKS, elapsed)[None]).mean(axis=1)


def _ended(table: Daily, so_far: Floats, unknown: Truths) -> pd.DataFrame:
    gaps = unknown.sum(axis=1)
    names = ("so_far", "mean", "p50", "if_it_passes", "if_it_stays", *RANGE)
    columns: dict[str, Any] = dict.fromkeys(names, so_far)
    columns["interval_is_valid"] = gaps == 0
    columns["method"] = ["incomplete" if days else "exact" for days in gaps]
    columns["note"] = [
        "The period has ended."
        if not days
        else f"The period has ended; {_days_in_words(days)} of it are unknown and not counted."
        for days in gaps
    ]
    return _frame(table.series, columns)


def _said(table: Daily, found: Fit, unknown: Truths) -> dict[str, Any]:
    """Whether the range can be trusted, by which method, and what to know about it."""
    known = ~np.isnan(table.values)
    seen = found.days_known
    stale = np.argmax(known[:, ::-1], axis=1)
    gaps = ((np.arange(known.shape[1])[None] >= table.first[:, None]) & ~known).sum(axis=1)
    inside = unknown.sum(axis=1)
    valid = ~found.jumped & (seen >= FEW_DAYS) & (stale < STALE_DAYS) & (found.level > 0)
    has_others = bool(_lending(found).any())
    methods, notes = [], []
    for row in range(len(seen)):
        method, note = _method(int(seen[row]), bool(found.level[row] > 0), has_others)
        if found.jumped[row]:
            note.append(
                "The last days are far off: the total if it passes and if it stays are both given."
            )
        if table.zeros_left_out[row]:
            note.append("Days without a row were read as days without usage.")
        elif gaps[row]:
            note.append(
                f"{_days_in_words(gaps[row])} unknown"
                + (f", {inside[row]} in the period, counted as expected." if inside[row] else ".")
            )
        methods.append(method)
        notes.append(" ".join(note))
    return {"interval_is_valid": valid, "method": methods, "note": notes}


def _method(seen: int, is_used: bool, has_others: bool) -> tuple[str, list[str]]:
    if seen == 0:
        return "none", ["No usage is known before as_of: nothing can be said."]
    if not is_used:
        return "no_usage", [
            f"No usage of late ({_days_in_words(seen)} known): 0 is expected, new use unforeseen."
        ]
    if seen >= FEW_DAYS:
        return "levels", []
    leans = (
        "weekdays and spread lean on the other series"
        if has_others
        else "there is no older series to lean on"
    )
    if seen < TOO_FEW_DAYS:
        return "insufficient", [f"Only {_days_in_words(seen)} known, insufficient: {leans}."]
    return "pooled", [f"Only {_days_in_words(seen)} known: {leans}."]


def _days_in_words(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _date(value: date | str, name: str) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise InputError(f"{name} is a day like 2026-11-01, got {str(value)[:60]!r}.") from None


def _frame(series: list[Any], columns: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame({"series": series, **columns})
    return frame[list(COLUMNS)]
