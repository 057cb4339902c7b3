"""Billing periods around a day, and what was metered in them."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.daily import Series
from audit.sources.sample.draws import Draws, Integers
from audit.sources.sample.frames import days, text
from audit.sources.sample.vocabulary import COUNTERS

ANCHOR_DAYS = 28
PAST_PERIODS = 3
#: So many months before the past periods, that of the first one included, can be told.
EARLIER_MONTHS = 6


def _shifted(year: int, month: int, anchor: int, months: int) -> date:
    place = year * 12 + month - 1 + months
    return date(place // 12, place % 12 + 1, anchor)


def boundaries(as_of: date, anchor: int) -> list[date]:
    """First days of three past periods and the current one, then the day after it."""
    back = 0 if anchor <= as_of.day else -1
    return [
        _shifted(as_of.year, as_of.month, anchor, back + step) for step in range(-PAST_PERIODS, 2)
    ]


def _earlier(day: date, months: int) -> date:
    return _shifted(day.year, day.month, day.day, -months)


class Periods:
    """Each organization's periods, by its anchor day (1 to 28)."""

    def __init__(self, draws: Draws, as_of: date) -> None:
        self.as_of = as_of
        anchor = draws.below("anchor", ANCHOR_DAYS)
        # Mid-period, so that the first page has a forecast to show.
        opening = (as_of - timedelta(days=17)).day
        anchor = np.where(draws.numbers == 0, min(opening, ANCHOR_DAYS) - 1, anchor)
        table = [boundaries(as_of, day + 1) for day in range(ANCHOR_DAYS)]
        offsets = np.array([[(day - as_of).days for day in row] for row in table])
        #: (organizations, 5): days from ``as_of``, negative in the past.
        self.offsets: Integers = offsets[anchor]
        months = [[_earlier(row[0], back) for back in range(EARLIER_MONTHS + 1)] for row in table]
        before = np.array([[(day - as_of).days for day in row] for row in months])
        #: (organizations, 7): the first day of the oldest period, and of so many months before it.
        self.before: Integers = before[anchor]

    def current(self) -> tuple[pd.Series, pd.Series]:
        return days(self.as_of, self.offsets[:, -2]), days(self.as_of, self.offsets[:, -1])

    def metered(self, series: Series) -> Integers:
        """(organizations, counters, 4 periods): units, all projects together."""
        size, span = len(self.offsets), series.quantity.shape[1]
        running = np.cumsum(series.quantity, axis=1)
        running = np.concatenate([np.zeros((len(running), 1), dtype=np.int64), running], axis=1)
        ages = np.clip(-self.offsets, 0, span)[series.organization]
        upto = np.take_along_axis(running, ages, axis=1)
        out = np.zeros((size, len(COUNTERS), PAST_PERIODS + 1), dtype=np.int64)
        np.add.at(out, (series.organization, series.counter), upto[:, :-1] - upto[:, 1:])
        return out

    def bill_lines(
        self, metered: Integers, ids: npt.NDArray[np.object_], age_days: Integers
    ) -> pd.DataFrame:
        """Quantities only: what they cost is for whoever prices them."""
        billed = np.array([bool(counter.product) for counter in COUNTERS])
        used = (metered.sum(axis=2) > 0) & billed
        existed = -self.offsets[:, 1:] <= age_days[:, None] + 31
        organization, counter, period = np.nonzero(used[:, :, None] & existed[:, None, :])
        products = [c.product or "none" for c in COUNTERS]
        return pd.DataFrame(
            {
                "organization_id": text(ids, organization),
                "period_start": days(self.as_of, self.offsets[organization, period]),
                "period_end": days(self.as_of, self.offsets[organization, period + 1]),
                "product": text(products, counter),
                "quantity": pd.array(metered[organization, counter, period], dtype="Int64"),
                "is_complete": pd.array(period < PAST_PERIODS, dtype="boolean"),
            }
        )
