"""Simulated billing periods of an account: what holds exactly."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from audit.errors import InputError
from audit.forecast.paths import Paths, simulate
from audit.forecast.totals import period_totals

LAST_DAY = date(2026, 3, 10)
START, END = date(2026, 3, 1), date(2026, 4, 1)
COUNTED_DAYS = 10
WEEK = np.array([1.1, 1.2, 1.2, 1.1, 1.0, 0.7, 0.7])


def paths(values, *, draws=400, seed=1, last_day=LAST_DAY, **more) -> Paths:
    return simulate(
        np.asarray(values, dtype=float),
        last_day=last_day,
        period_start=START,
        period_end=END,
        draws=draws,
        seed=seed,
        **more,
    )


def usage(series=1, days=200, level=1000.0, deviation=0.1, seed=3):
    rng = np.random.default_rng(seed)
    shape = WEEK[np.arange(days) % 7]
    return level * shape * np.exp(deviation * rng.standard_normal((series, days)))


def widths(found: Paths, h: int):
    low, high = np.quantile(found.month(h), [0.1, 0.9], axis=0)
    return high - low


def test_totals_are_draws_by_series_by_thirteen_periods():
    found = paths(usage(series=2), draws=7)

    assert found.totals.shape == (7, 2, 13)
    assert found.boundaries[:2] == (START, END)
    assert len(found.boundaries) == 14


def test_the_running_period_holds_what_was_counted():
    values = usage()

    found = paths(values)

    assert found.so_far == pytest.approx(values[:, -COUNTED_DAYS:].sum())
    assert (found.month(0) > found.so_far).all()


def test_a_period_with_no_day_left_is_what_was_counted():
    found = paths(usage(), last_day=END - timedelta(days=1))

    assert (found.month(0) == found.so_far).all()


@pytest.mark.parametrize("days", [5, 12, 200])
@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 3, 4), date(2026, 3, 29)])
def test_the_running_period_has_the_distribution_of_period_totals(days, day):
    values = usage(days=days, deviation=0.3)
    values[0, 2] = np.nan
    found = paths(values, last_day=day, draws=4000)
    history = pd.DataFrame(
        {
            "series": "events",
            "day": pd.date_range(end=day, periods=days),
            "quantity": values[0],
        }
    )

    told = period_totals(history, START, END, day + timedelta(days=1)).iloc[0]

    totals = found.month(0)[:, 0]
    for name, chance in (("p025", 0.025), ("p10", 0.1), ("p90", 0.9), ("p975", 0.975)):
        assert np.quantile(totals, chance) == pytest.approx(told[name], rel=2e-3)
    # The mean there is over a hundred shocks.
    assert totals.mean() == pytest.approx(told["mean"], rel=5e-3)


def test_the_same_seed_gives_the_same_paths():
    assert (paths(usage(series=3)).totals == paths(usage(series=3)).totals).all()


def test_another_seed_only_shuffles_the_worlds():
    one, other = paths(usage(series=2), seed=1), paths(usage(series=2), seed=2)

    assert not (one.totals == other.totals).all()
    assert (np.sort(one.totals, axis=0) == np.sort(other.totals, axis=0)).all()


def test_series_that_follow_leave_the_first_ones_alone():
    values = usage(series=5)

    assert (paths(values).totals[:, :3] == paths(values[:3]).totals).all()


def test_the_order_of_series_shuffles_worlds_but_not_their_distribution():
    values = usage(series=4)
    order = [2, 0, 3, 1]

    shuffled = np.sort(paths(values[order]).totals, axis=0)

    assert shuffled == pytest.approx(np.sort(paths(values).totals, axis=0)[:, order])


def test_a_copy_of_a_series_has_the_same_fortune_in_every_draw():
    values = usage(series=3)

    found = paths(np.vstack([values, 3 * values[1]]))

    assert found.totals[:, 3] == pytest.approx(3 * found.totals[:, 1])


def test_meters_of_an_account_rise_together():
    found = paths(usage(series=2), draws=4000)

    assert np.corrcoef(np.log(found.month(6)).T)[0, 1] > 0.2


def test_a_draw_that_ends_high_starts_the_next_month_high():
    totals = np.log(paths(usage(), draws=4000).totals[:, 0])

    ranks = np.argsort(np.argsort(totals, axis=0), axis=0)
    along = np.corrcoef(ranks.T)
    assert along[0, 1] > 0.25
    assert along[1, 2] > along[1, 6] > along[1, 12] > 0.15


def test_later_months_are_less_sure():
    found = paths(usage(days=250), draws=2000)

    assert widths(found, 12) > widths(found, 6) > widths(found, 1)


def test_the_younger_the_account_the_wider_its_range():
    by_age = [widths(paths(usage(days=days), draws=1000), 3)[0] for days in (5, 20, 200)]

    assert by_age[0] > by_age[1] > by_age[2]


def test_no_usage_stays_no_usage():
    found = paths(np.zeros((1, 100)))

    assert (found.totals == 0).all()
    assert "0 is expected" in found.notes[0]


def test_a_meter_that_stopped_stays_stopped():
    values = usage(days=200)
    values[:, -40:] = 0

    found = paths(values)

    assert (found.totals[:, :, 1:] == 0).all()
    assert "taken as stopped" in found.notes[0]


def test_a_month_of_silence_as_long_as_earlier_ones_is_no_end():
    values = usage(days=300)
    values[:, 100:130] = 0
    values[:, -30:] = 0

    assert (paths(values).month(6) > 0).any()


def test_a_sparse_meter_may_have_empty_months_and_keeps_its_mean():
    rng = np.random.default_rng(8)
    values = np.where(rng.random((1, 360)) < 0.05, 100.0, 0.0)

    found = paths(values, draws=4000)

    monthly = values.mean() * 30.4
    assert (found.month(6) == 0).mean() > 0.02
    assert 0.5 * monthly < found.month(6).mean() < 2.5 * monthly


def test_one_day_of_ten_times_the_usage_hardly_moves_the_months():
    values = usage(days=200)
    spiked = values.copy()
    spiked[:, -5] *= 10

    moved = np.median(paths(spiked).month(3)) / np.median(paths(values).month(3))

    assert 1 <= moved < 1.06


def test_growth_of_three_percent_a_day_does_not_go_on():
    values = 100 * 1.03 ** np.arange(120.0)[None]

    found = paths(values)

    last_four_weeks = values[0, -28:].mean()
    assert np.median(found.month(12)) < 1.2 * 31 * last_four_weeks


def test_a_month_is_at_most_ten_times_its_middle():
    rng = np.random.default_rng(1)
    values = np.exp(3 * rng.standard_normal((3, 150)))

    found = paths(values, draws=2001)

    assert (found.totals.max(axis=0)[:, 1:] <= 10.01 * np.median(found.totals, axis=0)[:, 1:]).all()


def test_months_have_their_own_weekdays():
    # Usage on Mondays to Fridays alone: May 2026 has 21 of them, July 23.
    days = np.arange(280)
    weekday = (LAST_DAY.weekday() - days[::-1]) % 7
    found = paths(np.where(weekday < 5, 100.0, 0.0)[None])

    may, july = np.median(found.month(2)), np.median(found.month(4))
    assert july / may == pytest.approx(23 / 21, rel=0.02)


def test_a_season_of_two_years_returns():
    days = np.arange(800)
    season = np.exp(0.5 * np.cos(2 * np.pi * (days - 799) / 364))
    found = paths(1000 * season[None] * WEEK[days % 7])

    # Half a year from its peak the level is e^-1 of it.
    ratio = np.median(found.month(6)) / np.median(found.month(12))
    assert 0.35 < ratio < 0.6


def test_a_change_that_is_known_to_stay_is_the_level_of_the_months():
    values = usage(days=200, deviation=0.02)
    values[:, -6:] *= 3
    changed_on = LAST_DAY - timedelta(days=5)

    found = paths(values, changed_on=changed_on)

    assert np.median(found.month(2)) == pytest.approx(3 * 30 * 1000, rel=0.1)
    assert str(changed_on) in found.notes[0]


def test_monthly_totals_tell_the_spread_that_few_days_cannot():
    rng = np.random.default_rng(4)
    values = usage(days=40, deviation=0.05)
    steady = 30_400 * np.exp(0.02 * rng.standard_normal((1, 14)))
    wild = 30_400 * np.exp(0.8 * rng.standard_normal((1, 14)))

    by_days = widths(paths(values, draws=1000), 6)
    by_steady = widths(paths(values, draws=1000, monthly=steady), 6)
    by_wild = widths(paths(values, draws=1000, monthly=wild), 6)

    assert by_steady < by_days < by_wild


def test_a_series_known_by_its_monthly_totals_alone_runs_at_their_level():
    unknown = np.full((1, 50), np.nan)

    found = paths(unknown, monthly=np.array([[np.nan, 31_000.0, 28_000.0]]), draws=1001)

    assert np.median(found.month(1)) == pytest.approx(30_000, rel=0.05)
    assert found.so_far == 0
    assert np.median(found.month(0)) == pytest.approx(31_000, rel=0.15)


def test_months_older_than_the_days_tell_the_level_where_no_day_is_known():
    monthly = np.full((1, 30), np.nan)
    monthly[0, 2] = 31_000.0

    found = paths(np.full((1, 50), np.nan), monthly=monthly, draws=1001)

    assert np.median(found.month(1)) == pytest.approx(30_000, rel=0.06)


@pytest.mark.parametrize("unknown_days", [20, 40, 100, 200, 300])
def test_days_that_are_no_longer_known_leave_the_level_that_was(unknown_days):
    values = usage(days=340, deviation=0.02)
    values[:, -unknown_days:] = np.nan

    found = paths(values, draws=1001)

    assert np.isfinite(found.totals).all()
    assert np.median(found.month(1)) == pytest.approx(30_000, rel=0.06)


def test_unknown_days_of_the_period_are_counted_as_expected():
    values = np.full((1, 100), 10.0)
    values[0, -4:-1] = np.nan

    found = paths(values, draws=1001)

    assert found.so_far == pytest.approx(70)
    assert np.median(found.month(0)) == pytest.approx(310, rel=0.05)
    assert "3 days of the period unknown" in found.notes[0]


def test_young_series_are_told():
    assert "insufficient" in paths(usage(days=5)).notes[0]
    assert "other series" in paths(usage(days=30)).notes[0]
    assert paths(usage(days=100)).notes == ("",)


def test_monthly_totals_of_no_month_say_nothing():
    values = usage()

    found = paths(values, monthly=np.zeros((1, 0)))

    assert (found.totals == paths(values).totals).all()


def test_a_period_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="13"):
        paths(usage()).month(13)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        float,
        st.tuples(st.integers(1, 3), st.integers(1, 70)),
        elements=st.one_of(
            st.just(0.0),
            st.floats(0, 1e15, allow_subnormal=False),
            st.just(float("nan")),
        ),
    ),
    st.integers(1, 60),
)
def test_paths_are_finite_and_never_negative(values, draws):
    values[:, 0] = np.nan_to_num(values[:, 0])

    found = paths(values, draws=draws)

    assert np.isfinite(found.totals).all()
    assert (found.totals >= 0).all()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 900),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), max_size=4),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 60)), max_size=3),
    st.sampled_from([0.0, 0.3, 3.0]),
)
def test_paths_are_finite_whatever_days_are_unknown_or_empty(days, unknown, empty, deviation):
    values = usage(days=days, deviation=deviation)
    for first, length in empty:
        values[0, first : first + length] = 0
    for first, length in unknown:
        values[0, first : first + length] = np.nan
    values[0, -(1 + days // 5)] = 7.0

    found = paths(values, draws=20)

    assert np.isfinite(found.totals).all()
    assert (found.totals >= 0).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-6, 1e9))
def test_paths_scale_with_the_unit(unit):
    values = usage(series=2, days=90)

    assert paths(unit * values, draws=50).totals == pytest.approx(
        unit * paths(values, draws=50).totals, rel=1e-6
    )


def test_more_usage_on_every_day_never_means_less_in_a_month():
    values = usage(days=150)

    more, less = paths(1.3 * values), paths(values)

    assert (more.totals > less.totals).all()


def with_bad(values, **more):
    def call():
        return paths(values, **more)

    return call


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (with_bad(np.full((1, 30), np.nan)), "Nothing is known of '0'"),
        (with_bad([[3.0] + [np.nan] * 400]), "no day of the last 180"),
        (with_bad(np.full((1, 30), -1.0)), "0 or more"),
        (with_bad(np.full((1, 30), np.inf)), "0 or more"),
        (with_bad(np.zeros((0, 30))), "at least one of each"),
        (with_bad(np.zeros(30)), "at least one of each"),
        (with_bad(usage(), last_day=date(2026, 2, 27)), "outside the billing period"),
        (with_bad(usage(), last_day=date(2026, 4, 1)), "outside the billing period"),
        (with_bad(usage(), draws=0), "At least 1 draw"),
        (with_bad(usage(), seed=-1), "seed"),
        (with_bad(usage(), series=["a", "b"]), "2 names for 1"),
        (with_bad(usage(), monthly=np.ones((2, 3))), "1 series x months"),
        (with_bad(usage(), monthly=np.full((1, 3), -1.0)), "month 1 of 3"),
    ],
)
def test_what_cannot_be_forecast_is_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(InputError, match="must come later"):
        simulate(usage(), last_day=LAST_DAY, period_start=END, period_end=START, draws=10, seed=1)
