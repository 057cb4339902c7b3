"""The simple forecasts, worked by hand and against loops over single days."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.forecast.baselines import BASELINES, last_period, last_week, run_rate, seasonal_naive

UNKNOWN = math.nan


def one(baseline, days, *, elapsed, horizon):
    return baseline(np.array([days], dtype=float), elapsed_days=elapsed, horizon_days=horizon)[0]


def test_the_run_rate_is_the_mean_of_the_period_so_far():
    # 4 and 6 of this period are 5 a day, for 3 days; the 100 before the period do not count.
    assert one(run_rate, [100, 4, 6], elapsed=2, horizon=3) == 15


def test_an_unknown_day_of_the_period_counts_for_nothing():
    assert one(run_rate, [4, UNKNOWN, 6], elapsed=3, horizon=2) == 10


def test_the_last_period_repeats_its_own_last_days():
    # A period of 5 days, 2 of them over: the days to come are the last 3 of 1, 2, 3, 4, 5.
    assert one(last_period, [1, 2, 3, 4, 5, 70, 80], elapsed=2, horizon=3) == 3 + 4 + 5


def test_unknown_days_of_the_last_period_are_like_its_known_ones():
    assert one(last_period, [1, 2, 3, UNKNOWN, 5, 70, 80], elapsed=2, horizon=3) == 3 + 4 + 5
    # Only 5 of the 3 days is known: the history begins there.
    assert one(last_period, [5, 70, 80], elapsed=2, horizon=3) == 15


def test_the_last_week_is_the_mean_of_seven_days():
    assert one(last_week, [90, 1, 2, 3, 4, 5, 6, 7], elapsed=2, horizon=10) == 40


def test_every_weekday_is_like_its_newest():
    # Seven days and their order again: the eighth day to come is the first of them once more.
    week = [1, 2, 3, 4, 5, 6, 7]

    assert one(seasonal_naive, [900, *week], elapsed=2, horizon=8) == sum(week) + 1


def test_an_unknown_weekday_is_like_the_one_a_week_earlier():
    before, last = [10, 20, 30, 40, 50, 60, 70], [1, UNKNOWN, 3, 4, 5, 6, 7]

    assert one(seasonal_naive, [*before, *last], elapsed=2, horizon=2) == 1 + 20


def test_a_weekday_that_was_never_seen_is_like_the_mean_of_the_others():
    assert one(seasonal_naive, [4, 8], elapsed=1, horizon=5) == 5 * 6 + 0


@pytest.mark.parametrize("name", BASELINES)
def test_nothing_known_is_no_forecast(name):
    assert math.isnan(one(BASELINES[name], [UNKNOWN] * 70, elapsed=10, horizon=20))


@pytest.mark.parametrize("name", BASELINES)
def test_a_constant_use_goes_on(name):
    assert one(BASELINES[name], [7] * 70, elapsed=10, horizon=20) == pytest.approx(140)


days = st.lists(st.one_of(st.just(UNKNOWN), st.integers(0, 1_000)), min_size=1, max_size=80)


def mean(values):
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


@given(days=days, elapsed=st.integers(1, 40), horizon=st.integers(1, 40))
def test_the_last_period_by_single_days(days, elapsed, horizon):
    """Day by day to come, the day one period earlier."""
    same = []
    for ahead in range(1, horizon + 1):
        at = len(days) - 1 + ahead - (elapsed + horizon)
        same.append(days[at] if at >= 0 else UNKNOWN)
    expected = sum(mean(same) if math.isnan(value) else value for value in same)

    found = one(last_period, days, elapsed=elapsed, horizon=horizon)

    assert found == pytest.approx(expected, nan_ok=True)


@given(days=days, horizon=st.integers(1, 60))
def test_the_weekdays_by_single_days(days, horizon):
    """Of each weekday the newest known of four weeks back."""
    newest = {}
    for back in range(1, 29):
        if back <= len(days) and not math.isnan(days[-back]):
            newest.setdefault(-back % 7, days[-back])
    instead = mean(list(newest.values()))
    expected = sum(newest.get((ahead - 1) % 7, instead) for ahead in range(1, horizon + 1))

    found = one(seasonal_naive, days, elapsed=3, horizon=horizon)

    assert found == pytest.approx(expected, nan_ok=True)


@given(days=days, elapsed=st.integers(1, 40), horizon=st.integers(1, 40))
def test_means_by_single_days(days, elapsed, horizon):
    rate = one(run_rate, days, elapsed=elapsed, horizon=horizon)
    week = one(last_week, days, elapsed=elapsed, horizon=horizon)

    assert rate == pytest.approx(horizon * mean(days[-elapsed:]), nan_ok=True)
    assert week == pytest.approx(horizon * mean(days[-7:]), nan_ok=True)
