"""Simulated billing periods of an account."""

from datetime import date

import numpy as np

from audit.forecast.paths import simulate

PERIOD = {
    "last_day": date(2026, 3, 10),
    "period_start": date(2026, 3, 1),
    "period_end": date(2026, 4, 1),
}


def test_the_running_period_holds_what_was_counted():
    values = np.full((2, 60), 100.0)

    found = simulate(values, **PERIOD, draws=100, seed=1)

    assert found.totals.shape == (100, 2, 13)
    assert (found.so_far == 1000).all()
    assert (found.month(0) >= 1000).all()
