"""The last months of an account: units and USD by product, from what knows most of them.

Three sources: finished billing periods with the amounts the vendor billed (actual), daily usage in
billing months of 30 days (estimate), finished periods with quantities alone (estimate). USD before
discounts and, in estimates, before limits and without fixed fees that no meter counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from audit.findings.model import Audit, Basis
from audit.findings.outlook.history import history
from audit.findings.pricing import line_estimate
from audit.meters import BILLING_MONTH_DAYS
from audit.pricing import Schedule, cents_of

#: A longer billing period is a year's.
LONGEST_MONTH_DAYS = 35


@dataclass(frozen=True)
class Months:
    """Units and USD by product and month, oldest first. ``priced_on``: the day whose prices count,
    by month. ``left_out``: products without a price in one of the months."""

    spans: tuple[tuple[date, date], ...]
    quantities: Mapping[str, tuple[int, ...]]
    costs: Mapping[str, tuple[Decimal, ...]]
    priced_on: tuple[date, ...]
    basis: Basis
    quantities_of: str
    left_out: tuple[str, ...] = ()


def from_days(audit: Audit, most: int, prices: Mapping[str, Schedule]) -> Months:
    """Billing months of 30 days back from the audit's day, as long as every day is known."""
    found = history(audit.account, audit.as_of)
    days = found.values.shape[1]
    known = np.logical_and.reduce(np.isfinite(found.values), axis=0)
    spans: list[tuple[date, date]] = []
    sums: list[dict[str, int]] = []
    for back in range(most):
        last = days - back * BILLING_MONTH_DAYS
        first = last - BILLING_MONTH_DAYS
        if not found.meters or first < 0 or not known[first:last].all():
            break
        end = audit.as_of - timedelta(days=back * BILLING_MONTH_DAYS)
        spans.append((end - timedelta(days=BILLING_MONTH_DAYS), end))
        totals = found.values[:, first:last].sum(axis=1)
        sums.append({m: int(t) for m, t in zip(found.meters, totals, strict=True)})
    spans.reverse()
    sums.reverse()
    return _priced(
        spans,
        sums,
        [end for _, end in spans],
        prices,
        "daily usage in billing months of 30 days, times the price list of each",
    )


def from_bills(audit: Audit, most: int, prices: Mapping[str, Schedule], *, actual: bool) -> Months:
    """Finished billing periods that follow one another up to the newest."""
    rows = audit.account["bill_lines"]
    done = rows["is_complete"].fillna(False).astype(bool)
    done &= rows["period_end"] <= pd.Timestamp(audit.as_of)
    done &= (rows["period_end"] - rows["period_start"]).dt.days <= LONGEST_MONTH_DAYS
    rows = rows[done]
    spans: list[tuple[date, date]] = []
    periods: list[pd.DataFrame] = []
    for (start, end), lines in sorted(
        rows.groupby(["period_start", "period_end"]), key=lambda of: of[0], reverse=True
    ):
        follows = not spans or end.date() == spans[-1][0]
        told = lines["quantity"].notna().all()
        if actual:
            told = told and lines["amount_usd"].notna().all()
        if not follows or not told or len(spans) == most:
            break
        spans.append((start.date(), end.date()))
        periods.append(lines)
    spans.reverse()
    periods.reverse()
    sums = [
        {str(p): int(q) for p, q in zip(one["product"], one["quantity"], strict=True)}
        for one in periods
    ]
    if not actual:
        return _priced(
            spans,
            sums,
            [start for start, _ in spans],
            prices,
            "quantities of finished billing periods, times the price list of each",
        )
    amounts = [dict(zip(one["product"], one["amount_usd"], strict=True)) for one in periods]
    names = sorted({name for one in sums for name in one})
    return Months(
        spans=tuple(spans),
        quantities={name: tuple(one.get(name, 0) for one in sums) for name in names},
        costs={
            name: tuple(cents_of(Decimal(one.get(name, 0))) for one in amounts) for name in names
        },
        priced_on=tuple(start for start, _ in spans),
        basis="actual",
        quantities_of="what the vendor billed for finished billing periods",
    )


def _priced(
    spans: Sequence[tuple[date, date]],
    sums: Sequence[Mapping[str, int]],
    priced_on: Sequence[date],
    prices: Mapping[str, Schedule],
    words: str,
) -> Months:
    """Units at the prices of each month; products without a price in one are left out."""
    names = sorted({name for one in sums for name in one})
    quantities, costs, left_out = {}, {}, []
    for name in names:
        units = tuple(one.get(name, 0) for one in sums)
        usd = [line_estimate(name, n, on, prices) for n, on in zip(units, priced_on, strict=True)]
        if not any(units):
            continue
        if any(one is None for one in usd):
            left_out.append(name)
            continue
        quantities[name] = units
        costs[name] = tuple(one for one in usd if one is not None)
    return Months(
        tuple(spans), quantities, costs, tuple(priced_on), "estimate", words, tuple(left_out)
    )
