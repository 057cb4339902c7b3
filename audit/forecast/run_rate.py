"""The current billing period to its end, by weekday run rate.

Usage counted so far, plus for each remaining day the mean of the same weekday over the last
four weeks. Usage is forecast, never dollars: tiers reset each period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

#: Whole weeks the weekday means are taken over.
RUN_RATE_DAYS = 28


@dataclass(frozen=True)
class Expected:
    """Whole units: counted so far in the period, and expected over the full period."""

    counted: int
    expected: int


def to_period_end(
    daily: pd.DataFrame, *, period_start: date, period_end: date, as_of: date
) -> Mapping[str, Expected]:
    """Expected usage per meter over ``period_start`` to before ``period_end``.

    ``daily``: meter, day (datetime64), quantity, one row per (meter, day); absent days of a
    meter count as zero from the first day any meter was seen. Days from ``as_of`` on are
    ignored: they are not known yet. Empty when nothing was seen before ``as_of``.
    """
    known = daily[daily["day"] < pd.Timestamp(as_of)]
    if known.empty:
        return {}
    first = max(known["day"].min().date(), as_of - timedelta(days=RUN_RATE_DAYS))
    recent = pd.date_range(first, as_of - timedelta(days=1), freq="D")
    period_last = pd.Timestamp(period_end)
    remaining = pd.date_range(max(as_of, period_start), period_end - timedelta(days=1), freq="D")
    table = known.pivot_table(
        index="day", columns="meter", values="quantity", aggfunc="sum", fill_value=0, observed=True
    )
    counted = table[(table.index >= pd.Timestamp(period_start)) & (table.index < period_last)].sum()
    seen = table.reindex(recent, fill_value=0)
    overall = seen.mean()
    by_weekday = seen.groupby(seen.index.day_of_week).mean()
    rest = sum(
        (by_weekday.loc[d] if d in by_weekday.index else overall for d in remaining.day_of_week),
        start=overall * 0.0,
    )
    return {
        str(meter): Expected(int(counted[meter]), int(counted[meter]) + int(rest[meter] + 0.5))
        for meter in table.columns
    }
